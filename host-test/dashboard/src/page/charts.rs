//! A chart for each kind of activity, and its numbers as a table.

use crate::chart::{Bars, Layer, grouped};
use crate::html::{Attribute, Html};
use crate::snapshot::{Activity, Day, Days, Logins, Moment, Series};

/// One chart.
struct Chart<'a> {
    title: &'static str,
    /// Where its numbers are from.
    source: &'static str,
    layers: Vec<Layer<'a>>,
}

/// Writes them.
pub(super) fn write(html: &mut Html, activity: &Activity, now: Moment) {
    let Days { last } = activity.days;
    let today = now.day();
    html.element("section", &[], |html| {
        let with_rows = if last == today { "" } else { " with rows" };
        html.line("h2", "", format!("The last {} days{with_rows}", Days::COUNT));
        html.element("p", &[("class", &"span")], |html| {
            html.text(format!("{} to {}", activity.days.first().long(), last.long()));
            if last == today {
                html.text(". Today, which is faded, is not over yet.");
            }
        });
        html.element("div", &[("class", &"charts")], |html| {
            for chart in charts(activity) {
                chart.write(html, activity.days, today);
            }
        });
    });
}

fn charts(activity: &Activity) -> [Chart<'_>; 4] {
    let plain = |nouns, series| vec![Layer { nouns, class: "bar", series }];
    [
        Chart {
            title: "Logins per day",
            source: match activity.logins {
                Logins::Statistics(_) => "From Auth0’s daily statistics.",
                Logins::Events(_) => "Login events of the type s; no statistics are stored.",
            },
            layers: plain(("login", "logins"), activity.logins.series()),
        },
        Chart {
            title: "Failed logins per day",
            source: "Login events of the types fp (wrong password), f and fu.",
            layers: vec![
                Layer {
                    nouns: ("wrong password", "wrong passwords"),
                    class: "bar wrong",
                    series: &activity.wrong_passwords,
                },
                Layer {
                    nouns: ("other failure", "other failures"),
                    class: "bar failed",
                    series: &activity.other_failures,
                },
            ],
        },
        Chart {
            title: "Sign-ups per day",
            source: "From Auth0’s daily statistics.",
            layers: plain(("sign-up", "sign-ups"), &activity.signups),
        },
        Chart {
            title: "Users created per day",
            source: "Of the users that exist now.",
            layers: plain(("user", "users"), &activity.users.created),
        },
    ]
}

impl Chart<'_> {
    fn write(&self, html: &mut Html, days: Days, today: Day) {
        html.element("figure", &[], |html| {
            html.element("figcaption", &[], |html| {
                html.line("h3", "", self.title);
                html.element("p", &[("class", &"legend")], |html| self.legend(html));
            });
            if self.total().is_none() {
                html.line("p", "empty", "Nothing is stored of these days.");
                return;
            }
            let description = self.description(days);
            Bars { days, today, layers: &self.layers, description }.write(html);
            html.element("details", &[], |html| {
                html.line("summary", "", "Numbers");
                if self.layers.len() > 1 {
                    html.line("p", "", self.source);
                }
                html.element("table", &[("class", &"numbers")], |html| self.numbers(html, days));
            });
        });
    }

    fn total(&self) -> Option<u64> {
        let totals = self.layers.iter().filter_map(|layer| layer.series.total());
        totals.reduce(u64::saturating_add)
    }

    /// What the colours mean; where there is one, where its numbers are from.
    fn legend(&self, html: &mut Html) {
        if let [_] = self.layers.as_slice() {
            html.text(self.source);
            return;
        }
        for layer in &self.layers {
            html.element("span", &[], |html| {
                html.element(
                    "svg",
                    &[("width", &"10"), ("height", &"10"), ("aria-hidden", &"true")],
                    |html| {
                        let attributes: [Attribute<'_>; 3] =
                            [("class", &layer.class), ("width", &"10"), ("height", &"10")];
                        html.element("rect", &attributes, |_| {});
                    },
                );
                html.text(layer.nouns.1);
            });
        }
    }

    fn description(&self, days: Days) -> String {
        let mut text = format!("{}, {} to {}.", self.title, days.first().long(), days.last.long());
        for layer in &self.layers {
            let Some(total) = layer.series.total() else { continue };
            text.push_str(&format!(" {} {} in all", grouped(total), layer.nouns.1));
            if let Some((day, most)) = highest(layer.series, days) {
                text.push_str(&format!(", the most, {}, on {}", grouped(most), day.long()));
            }
            text.push('.');
        }
        text
    }

    fn numbers(&self, html: &mut Html, days: Days) {
        html.line("caption", "", self.title);
        html.element("thead", &[], |html| {
            html.element("tr", &[], |html| {
                html.element("th", &[("scope", &"col")], |html| html.text("Day"));
                for layer in &self.layers {
                    html.element("th", &[("scope", &"col")], |html| html.text(layer.nouns.1));
                }
            });
        });
        html.element("tbody", &[], |html| {
            for (place, day) in days.each().enumerate() {
                html.element("tr", &[], |html| {
                    html.element("th", &[("scope", &"row")], |html| html.text(day));
                    for layer in &self.layers {
                        let value = layer.series.values().get(place).copied().flatten();
                        let value = value.map_or_else(|| "–".to_owned(), grouped);
                        html.element("td", &[], |html| html.text(value));
                    }
                });
            }
        });
    }
}

/// The day with the highest number, if one is above zero.
fn highest(series: &Series, days: Days) -> Option<(Day, u64)> {
    let values = days.each().zip(series.values());
    let values = values.filter_map(|(day, value)| Some((day, (*value)?)));
    values.max_by_key(|(_, value)| *value).filter(|(_, value)| *value > 0)
}
