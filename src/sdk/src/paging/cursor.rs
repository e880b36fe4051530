//! Pages that name the next one.

use serde::{Deserialize, Serialize};

/// A token that the source returns with a page and takes for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cursor {
    /// The first page, which is requested without a token.
    #[default]
    Start,
    /// The page of this token.
    At(String),
    /// Nothing is left.
    End,
}

impl Cursor {
    /// Whether there is a page to request.
    pub fn is_at_end(&self) -> bool {
        *self == Cursor::End
    }

    /// The token to send; `None` on the first page.
    pub fn token(&self) -> Option<&str> {
        match self {
            Cursor::At(token) => Some(token),
            Cursor::Start | Cursor::End => None,
        }
    }

    /// Moves on to the next token. An absent or empty one is the end, and so is
    /// the token that was just sent: a source that repeats it would be read for
    /// ever.
    pub fn read(&mut self, next: Option<&str>) {
        let next = next.filter(|next| !next.is_empty() && Some(*next) != self.token());
        *self = next.map_or(Cursor::End, |next| Cursor::At(next.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_repeats_a_token_is_not_read_for_ever() {
        let mut cursor = Cursor::default();
        assert_eq!((cursor.token(), cursor.is_at_end()), (None, false));
        cursor.read(Some("a"));
        assert_eq!(cursor.token(), Some("a"));
        cursor.read(Some("a"));
        assert!(cursor.is_at_end());
        let mut cursor = Cursor::At("a".to_owned());
        cursor.read(Some(""));
        assert!(cursor.is_at_end());
    }
}
