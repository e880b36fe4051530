//! A value as it stands in the text.

use crate::scan::Scan;
use crate::text::Text;

/// A value of JSON as it stands in the text: checked, and not interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    text: &'a str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string without an escape.
    Plain,
    /// A string with escapes.
    Escaped,
    /// Anything else.
    Other,
}

/// What a value says as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// It is `null` or `""`.
    Nothing,
    /// A string; a number or a truth value as it stands.
    Text(Text<'a>),
    /// An object, an array, or a string with half of a surrogate pair.
    NoText,
}

impl<'a> Raw<'a> {
    /// A text that is one value of JSON; `None` where it is not.
    pub fn read(text: &'a str) -> Option<Raw<'a>> {
        let mut scan = Scan::new(text);
        let value = scan.value()?;
        scan.end()?;
        scan.raw(value)
    }

    #[inline(always)]
    pub(crate) fn of(text: &'a str, kind: Kind) -> Raw<'a> {
        Raw { text, kind }
    }

    /// The JSON text.
    #[inline(always)]
    pub fn get(self) -> &'a str {
        self.text
    }

    /// Whether it is `null`.
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.text.as_bytes().first() == Some(&b'n')
    }

    /// Whether it is the empty string.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.kind == Kind::Plain && self.text.len() == 2
    }

    /// What the string says; `None` for anything else, and for a string with half
    /// of a surrogate pair, which no text can contain.
    #[inline(always)]
    pub fn string(self) -> Option<Text<'a>> {
        match self.kind {
            Kind::Plain => self.text.get(1..self.text.len() - 1).map(Text::plain),
            Kind::Escaped => self.unescaped().map(Text::unescaped),
            Kind::Other => None,
        }
    }

    /// What the value says as a text.
    #[inline(never)]
    pub fn said(self) -> Said<'a> {
        let text = match (self.kind, self.text.as_bytes().first()) {
            (Kind::Plain, _) if self.is_empty() => return Said::Nothing,
            (Kind::Other, Some(b'n')) => return Said::Nothing,
            (Kind::Other, Some(b'{' | b'[')) => return Said::NoText,
            (Kind::Other, _) => Some(Text::plain(self.text)),
            (Kind::Plain | Kind::Escaped, _) => self.string(),
        };
        text.map_or(Said::NoText, Said::Text)
    }

    #[inline(never)]
    fn unescaped(self) -> Option<String> {
        serde_json::from_str(self.text).ok()
    }
}
