//! A text that a value says.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A text that a value of a page says: borrowed from the page where it stands there
/// without an escape, and then written as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    #[inline(always)]
    pub(crate) fn plain(text: &'a str) -> Text<'a> {
        Text(Cow::Borrowed(text))
    }

    pub(crate) fn unescaped(text: String) -> Text<'a> {
        Text(Cow::Owned(text))
    }

    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.0, Cow::Borrowed(_))
    }

    /// The text of its own.
    pub fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    #[inline(always)]
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
