//! A bar for each day, in one layer or stacked.

use super::number::{grouped, short};
use super::scale::Scale;
use crate::html::{Attribute, Html};
use crate::snapshot::{Day, Days, Series};

/// The height of the bars' area, above which is room for a line's number.
const PLOT: f64 = 140.0;
const ABOVE: f64 = 8.0;
const BELOW: f64 = 24.0;
const HEIGHT: f64 = ABOVE + PLOT + BELOW;
/// The zero line.
const FLOOR: f64 = ABOVE + PLOT;
/// The width of the numbers beside the chart.
const AXIS: u32 = 46;
/// How much of its day a bar fills.
const FILL: f64 = 0.72;
/// The least height that is visible.
const VISIBLE: f64 = 1.5;
/// Days from one date below the chart to the next.
const DATES: usize = 7;

/// A chart.
pub(crate) struct Bars<'a> {
    pub(crate) days: Days,
    /// Today, whose numbers will still grow.
    pub(crate) today: Day,
    /// From the floor upwards.
    pub(crate) layers: &'a [Layer<'a>],
    /// What it shows, for who cannot see it.
    pub(crate) description: String,
}

/// One series of it.
pub(crate) struct Layer<'a> {
    /// What one of it is and what many are, such as `login` and `logins`.
    pub(crate) nouns: (&'static str, &'static str),
    pub(crate) class: &'static str,
    pub(crate) series: &'a Series,
}

impl Layer<'_> {
    fn value(&self, place: usize) -> Option<u64> {
        self.series.values().get(place).copied().flatten()
    }
}

impl Bars<'_> {
    pub(crate) fn write(&self, html: &mut Html) {
        let scale = Scale::for_values_to(self.highest());
        html.element("div", &[("class", &"chart")], |html| {
            let axis: [Attribute<'_>; 4] = [
                ("class", &"axis"),
                ("width", &AXIS),
                ("height", &HEIGHT),
                ("aria-hidden", &"true"),
            ];
            html.element("svg", &axis, |html| numbers(html, scale));
            let plot: [Attribute<'_>; 5] = [
                ("class", &"plot"),
                ("width", &"100%"),
                ("height", &HEIGHT),
                ("role", &"img"),
                ("aria-label", &self.description),
            ];
            html.element("svg", &plot, |html| {
                lines(html, scale);
                for (place, day) in self.days.each().enumerate() {
                    self.day(html, scale, place, day);
                }
                self.dates(html);
            });
        });
    }

    /// The height of the highest stack.
    fn highest(&self) -> u64 {
        let stack = |place| {
            let values = self.layers.iter().filter_map(|layer| layer.value(place));
            values.fold(0, u64::saturating_add)
        };
        (0..Days::COUNT).map(stack).max().unwrap_or(0)
    }

    fn day(&self, html: &mut Html, scale: Scale, place: usize, day: Day) {
        let slot = 100.0 / Days::COUNT as f64;
        let class = if day == self.today { "day today" } else { "day" };
        html.element("g", &[("class", &class)], |html| {
            html.line("title", "", self.title(place, day));
            let left = percent(slot * place as f64);
            rectangle(html, "hit", (&left, &percent(slot)), (ABOVE, PLOT));
            let left = percent(slot * (place as f64 + (1.0 - FILL) / 2.0));
            let mut below = 0_u64;
            let mut floor = FLOOR;
            for layer in self.layers {
                let value = layer.value(place).unwrap_or(0);
                if value == 0 {
                    continue;
                }
                below = below.saturating_add(value);
                let top = FLOOR - PLOT * scale.share(below.into());
                let top = top.min(floor - VISIBLE).max(ABOVE);
                let across = (left.as_str(), percent(slot * FILL));
                rectangle(html, layer.class, (across.0, &across.1), (top, floor - top));
                floor = top;
            }
        });
    }

    /// What the mouse shows of a day.
    fn title(&self, place: usize, day: Day) -> String {
        let values = self.layers.iter().map(|layer| match layer.value(place) {
            None => format!("no number of {}", layer.nouns.1),
            Some(1) => format!("1 {}", layer.nouns.0),
            Some(value) => format!("{} {}", grouped(value), layer.nouns.1),
        });
        let values: Vec<String> = values.collect();
        let so_far = if day == self.today { " so far" } else { "" };
        format!("{}: {}{so_far}", day.long(), values.join(", "))
    }

    /// The dates below the bars, counted back from the last day.
    fn dates(&self, html: &mut Html) {
        let slot = 100.0 / Days::COUNT as f64;
        for (place, day) in self.days.each().enumerate() {
            if !(Days::COUNT - 1 - place).is_multiple_of(DATES) {
                continue;
            }
            let at = percent(slot * (place as f64 + 0.5));
            html.element(
                "text",
                &[("x", &at), ("y", &decimal(FLOOR + 17.0)), ("text-anchor", &"middle")],
                |html| html.text(day.short()),
            );
        }
    }
}

/// The numbers of the lines.
fn numbers(html: &mut Html, scale: Scale) {
    for tick in scale.ticks() {
        let y = decimal(FLOOR - PLOT * scale.share(tick) + 4.0);
        let x = AXIS - 8;
        html.element("text", &[("x", &x), ("y", &y), ("text-anchor", &"end")], |html| {
            html.text(short(tick));
        });
    }
}

fn lines(html: &mut Html, scale: Scale) {
    for tick in scale.ticks() {
        let y = decimal((FLOOR - PLOT * scale.share(tick)).round() + 0.5);
        let class = if tick == 0 { "floor" } else { "line" };
        html.element(
            "line",
            &[("class", &class), ("x1", &"0"), ("x2", &"100%"), ("y1", &y), ("y2", &y)],
            |_| {},
        );
    }
}

fn rectangle(html: &mut Html, class: &'static str, across: (&str, &str), along: (f64, f64)) {
    html.element(
        "rect",
        &[
            ("class", &class),
            ("x", &across.0),
            ("width", &across.1),
            ("y", &decimal(along.0)),
            ("height", &decimal(along.1)),
        ],
        |_| {},
    );
}

fn percent(number: f64) -> String {
    format!("{}%", decimal(number))
}

/// At most two digits after the point.
fn decimal(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Moment;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    fn drawn(layers: &[Series]) -> String {
        let today = Moment(1_700_000_000_000).day();
        let layers: Vec<Layer<'_>> = layers
            .iter()
            .map(|series| Layer { nouns: ("login", "logins"), class: "bar", series })
            .collect();
        let description = String::new();
        let mut html = Html::default();
        Bars { days: Days { last: today }, today, layers: &layers, description }.write(&mut html);
        html.into_text()
    }

    /// The values of an attribute.
    fn values<'a>(svg: &'a str, attribute: &str) -> Vec<&'a str> {
        let parts = svg.split(&format!(" {attribute}=\"")).skip(1).collect::<Vec<_>>();
        parts.into_iter().map(|part| part.split('"').next().unwrap()).collect()
    }

    #[test]
    fn a_single_one_is_seen_beside_a_million() {
        let mut series = Series::zero();
        series.add(0, 1);
        series.add(1, 1_000_000);
        let svg = drawn(&[series]);
        assert_eq!(svg.matches("class=\"bar\"").count(), 2);
        assert!(svg.contains(": 1 login</title>") && svg.contains(": 1,000,000 logins</title>"));
        assert!(values(&svg, "height").contains(&"1.5"), "{svg}");
    }

    #[test]
    fn a_single_one_on_top_of_a_full_bar_stays_within_the_chart() {
        let [mut most, mut one] = [Series::zero(), Series::zero()];
        most.add(0, 9_999);
        one.add(0, 1);
        let svg = drawn(&[most, one]);
        let (_, highest) = svg.rsplit_once("class=\"bar\"").unwrap();
        assert_eq!(values(highest, "y")[0].parse(), Ok(ABOVE));
    }

    #[test]
    fn a_day_without_a_number_is_not_said_to_be_zero() {
        let svg = drawn(&[Series::unknown()]);
        assert_eq!(svg.matches("class=\"bar\"").count(), 0);
        assert_eq!(svg.matches("no number of logins").count(), Days::COUNT);
    }

    proptest! {
        #[test]
        fn every_coordinate_is_a_number_within_the_chart(
            layers in vec(vec(option::of(prop_oneof![any::<u64>(), 0..9_u64]), Days::COUNT), 1..3),
        ) {
            let layers: Vec<Series> = layers.into_iter().map(Series).collect();
            let svg = drawn(&layers);
            for attribute in ["x", "y", "x1", "x2", "y1", "y2", "width", "height"] {
                for value in values(&svg, attribute) {
                    let number: f64 = value.trim_end_matches('%').parse().unwrap();
                    prop_assert!((0.0..=HEIGHT).contains(&number), "{attribute}={value}");
                }
            }
            for bar in svg.split("class=\"bar\"").skip(1) {
                let of_bar = |name| values(bar, name)[0].parse::<f64>().unwrap();
                let (top, height) = (of_bar("y"), of_bar("height"));
                prop_assert!(top >= ABOVE && height >= 0.0 && top + height <= FLOOR + 0.01);
            }
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
        }
    }
}
