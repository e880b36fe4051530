//! The numbers that matter most, large.

use crate::chart::grouped;
use crate::html::Html;
use crate::snapshot::{Activity, Days};

/// Writes them.
pub(super) fn write(html: &mut Html, activity: &Activity) {
    let failures = [&activity.wrong_passwords, &activity.other_failures];
    let failures = failures.map(|series| series.total()).into_iter().flatten();
    let failures = failures.reduce(u64::saturating_add);
    let blocked = match activity.users.blocked {
        Some(0) => "none blocked".to_owned(),
        Some(blocked) => format!("{} blocked", grouped(blocked)),
        None => String::new(),
    };
    let in_days = format!("in {} days", Days::COUNT);
    html.element("dl", &[("class", &"tiles")], |html| {
        tile(html, "Users", Some(activity.users.total), &blocked);
        tile(html, "Logins", activity.logins.series().total(), &in_days);
        tile(html, "Failed logins", failures, &in_days);
        tile(html, "Sign-ups", activity.signups.total(), &in_days);
    });
}

fn tile(html: &mut Html, name: &'static str, number: Option<u64>, note: &str) {
    html.element("div", &[], |html| {
        html.line("dt", "", name);
        let number = number.map_or_else(|| "–".to_owned(), grouped);
        html.line("dd", "number", number);
        if !note.is_empty() {
            html.line("dd", "note", note);
        }
    });
}
