//! Tables that become lists where there is no room for columns.
//!
//! The style sheet changes how rows and cells are displayed on a narrow screen, after
//! which browsers no longer tell assistive technology that they are a table: therefore
//! the roles.

use crate::html::{Attribute, Html};

/// A table, and the heads of its columns.
pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) heads: &'static [&'static str],
}

impl Table {
    /// Writes it. `body` writes its rows.
    pub(super) fn write(&self, html: &mut Html, body: impl FnOnce(&mut Html, &Table)) {
        html.element("table", &[("class", &"rows"), ("role", &"table")], |html| {
            html.line("caption", "", self.caption);
            html.element("thead", &[("role", &"rowgroup")], |html| {
                html.element("tr", &[("role", &"row")], |html| {
                    for head in self.heads {
                        let attributes: [Attribute<'_>; 2] =
                            [("role", &"columnheader"), ("scope", &"col")];
                        html.element("th", &attributes, |html| html.text(head));
                    }
                });
            });
            html.element("tbody", &[("role", &"rowgroup")], |html| body(html, self));
        });
    }

    /// Writes a row, of which `cell` writes each.
    pub(super) fn row(&self, html: &mut Html, cell: impl Fn(&mut Html, usize)) {
        html.element("tr", &[("role", &"row")], |html| {
            for (place, head) in self.heads.iter().enumerate() {
                html.element("td", &[("role", &"cell"), ("data-head", head)], |html| {
                    cell(html, place);
                });
            }
        });
    }
}

/// What stands where there is no value.
pub(super) fn nothing(html: &mut Html) {
    html.element("span", &[("class", &"none")], |html| html.text("–"));
}
