//! The parser of searches.

use super::query::{Bound, Search, folded, is_date};
use crate::instant::parse_span;

/// How deeply parentheses and `NOT` may be nested.
const DEEPEST: usize = 64;

/// Parses a search. The error says what cannot be read.
pub(crate) fn parse(text: &str) -> Result<Search, String> {
    let mut parser = Parser { rest: text, depth: 0 };
    let search = parser.either()?;
    parser.skip_space();
    if parser.rest.is_empty() { Ok(search) } else { Err(format!("unexpected `{}`", parser.rest)) }
}

/// A value as it is written in a query.
enum Term {
    Whole(String),
    Prefix(String),
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Search, String> {
        let mut query = self.both()?;
        while self.word("OR") {
            query = Search::Or(Box::new(query), Box::new(self.both()?));
        }
        Ok(query)
    }

    fn both(&mut self) -> Result<Search, String> {
        let mut query = self.one()?;
        while self.word("AND") {
            query = Search::And(Box::new(query), Box::new(self.one()?));
        }
        Ok(query)
    }

    fn one(&mut self) -> Result<Search, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the query is nested too deeply".to_owned());
        }
        let query = if self.word("NOT") {
            Search::Not(Box::new(self.one()?))
        } else if self.sign('(') {
            let inner = self.either()?;
            self.expect(')')?;
            inner
        } else {
            self.clause()?
        };
        self.depth -= 1;
        Ok(query)
    }

    fn clause(&mut self) -> Result<Search, String> {
        let field = self.field()?;
        if field == "_exists_" {
            return self.field_name().map(Search::Exists);
        }
        match self.rest.chars().next() {
            Some('[' | '{') => self.range(field),
            _ => self.comparison(field),
        }
    }

    fn comparison(&mut self, field: String) -> Result<Search, String> {
        let term = self.term()?;
        if is_date(&field) {
            let Term::Whole(date) = term else {
                return Err(format!("`{field}` takes a date"));
            };
            let (from, to) = span(&date)?;
            return Ok(Search::Dates { field, from, to });
        }
        Ok(match term {
            Term::Prefix(prefix) if prefix.is_empty() => Search::Exists(field),
            Term::Prefix(prefix) => Search::StartsWith { prefix: folded(&field, &prefix), field },
            Term::Whole(value) => Search::Equals { value: folded(&field, &value), field },
        })
    }

    fn range(&mut self, field: String) -> Result<Search, String> {
        let includes_lower = self.rest.starts_with('[');
        self.advance(1);
        let lower = self.bound()?;
        if !self.word("TO") {
            return Err("a range needs `TO`".to_owned());
        }
        let upper = self.bound()?;
        self.skip_space();
        let includes_upper = self.rest.starts_with(']');
        if !includes_upper && !self.rest.starts_with('}') {
            return Err("a range ends with `]` or `}`".to_owned());
        }
        self.advance(1);
        if is_date(&field) {
            return dates(field, (lower, includes_lower), (upper, includes_upper));
        }
        Ok(Search::Texts {
            field,
            lower: text_bound(lower, includes_lower),
            upper: text_bound(upper, includes_upper),
        })
    }

    /// One end of a range; `None` for `*`.
    fn bound(&mut self) -> Result<Option<String>, String> {
        self.skip_space();
        let text = if self.rest.starts_with('"') {
            self.quoted()?
        } else {
            self.plain(|sign| !sign.is_whitespace() && !"[]{}()\"".contains(sign))?
        };
        match text.as_str() {
            "" => Err("a range needs two ends".to_owned()),
            "*" => Ok(None),
            _ => Ok(Some(text)),
        }
    }

    fn field(&mut self) -> Result<String, String> {
        let name = self.field_name()?;
        if !self.rest.starts_with(':') {
            return Err(format!("`{name}` needs `:` and a value"));
        }
        self.advance(1);
        Ok(name)
    }

    fn field_name(&mut self) -> Result<String, String> {
        self.skip_space();
        let name = self.plain(|sign| sign.is_ascii_alphanumeric() || "_.-".contains(sign))?;
        if name.is_empty() {
            return Err(format!("a field is expected at `{}`", self.rest));
        }
        Ok(name)
    }

    fn term(&mut self) -> Result<Term, String> {
        if self.rest.starts_with('"') {
            return self.quoted().map(Term::Whole);
        }
        // Stricter than Lucene: `|`, `:` and `@` must be quoted or escaped,
        // as Auth0 requires.
        let value = self.plain(|sign| sign.is_alphanumeric() || "_.-,".contains(sign))?;
        if self.rest.starts_with('*') {
            self.advance(1);
            self.end_of_term()?;
            return Ok(Term::Prefix(value));
        }
        if value.is_empty() {
            return Err(format!("a value is expected at `{}`", self.rest));
        }
        self.end_of_term()?;
        Ok(Term::Whole(value))
    }

    fn end_of_term(&self) -> Result<(), String> {
        match self.rest.chars().next() {
            None | Some(' ' | ')') => Ok(()),
            Some(sign) => Err(format!("`{sign}` must be quoted or escaped")),
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        self.advance(1);
        let text = self.plain(|sign| sign != '"')?;
        self.expect('"')?;
        Ok(text)
    }

    /// Allowed characters, and any character after a backslash.
    fn plain(&mut self, allowed: impl Fn(char) -> bool) -> Result<String, String> {
        let mut text = String::new();
        let mut signs = self.rest.chars();
        loop {
            let at = signs.as_str();
            match signs.next() {
                Some('\\') => text.push(signs.next().ok_or("a backslash ends the query")?),
                Some(sign) if allowed(sign) => text.push(sign),
                _ => {
                    self.rest = at;
                    return Ok(text);
                }
            }
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(word) {
            Some(rest) if rest.starts_with([' ', '(']) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn sign(&mut self, sign: char) -> bool {
        self.skip_space();
        let found = self.rest.starts_with(sign);
        if found {
            self.advance(sign.len_utf8());
        }
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.rest.starts_with(sign) || (sign != '"' && self.rest.trim_start().starts_with(sign))
        {
            self.sign(sign);
            Ok(())
        } else {
            Err(format!("`{sign}` is missing"))
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// A bound that covers more than an instant (`2025-12`) lies wholly inside
/// `[` and `]` and wholly outside `{` and `}`.
fn dates(
    field: String,
    (lower, includes_lower): (Option<String>, bool),
    (upper, includes_upper): (Option<String>, bool),
) -> Result<Search, String> {
    let from = match lower.as_deref().map(span).transpose()? {
        None => i64::MIN,
        Some((first, _)) if includes_lower => first,
        Some((_, last)) => last + 1,
    };
    let to = match upper.as_deref().map(span).transpose()? {
        None => i64::MAX,
        Some((_, last)) if includes_upper => last,
        Some((first, _)) => first - 1,
    };
    Ok(Search::Dates { field, from, to })
}

fn text_bound(text: Option<String>, included: bool) -> Bound {
    match text {
        None => Bound::Open,
        Some(text) if included => Bound::Included(text),
        Some(text) => Bound::Excluded(text),
    }
}

fn span(text: &str) -> Result<(i64, i64), String> {
    parse_span(text).ok_or_else(|| format!("`{text}` is not a date"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::User;

    fn hits(query: &str) -> bool {
        let user = User::from_json(
            r#"{"user_id":"auth0|6abc","email":"Ann@Example.com","created_at":"2024-05-01T10:00:00.000Z",
                "blocked":true,"logins_count":12,"identities":[{"connection":"google-oauth2"},{"connection":"sms"}]}"#,
        );
        parse(query).unwrap().matches(&user)
    }

    #[test]
    fn each_documented_form_finds_what_it_should() {
        for query in [
            r"user_id:auth0\|6*",
            r#"user_id:"auth0|6abc""#,
            r"user_id:auth0\|6abc",
            "user_id:*",
            "blocked:true AND email:ann*",
            r#"email:"ann@example.com""#,
            r#"identities.connection:"google-oauth2""#,
            r#"identities.connection:"google-oauth2" AND identities.connection:sms"#,
            "_exists_:logins_count",
            "NOT _exists_:last_login",
            "_exists_:created_at",
            "logins_count:[9 TO 12]",
            "logins_count:12",
            "created_at:2024-05",
            "created_at:[* TO *]",
            "created_at:[2024-05-01T10:00:00.000Z TO 2024-05-01T10:00:00.000Z]",
            "created_at:[2024-05-01T10:00:00.000Z TO *]",
            "created_at:{2024-04 TO 2024-05-01]",
            r#"(blocked:false OR NOT blocked:false) AND (user_id:["auth0|6" TO "auth0|7"})"#,
            "blocked:false AND blocked:false OR blocked:true",
        ] {
            assert!(hits(query), "{query}");
        }
        for query in [
            "user_id:auth0",
            "email:example",
            "created_at:{2024-05-01T10:00:00.000Z TO *]",
            "created_at:[* TO 2024-05-01T10:00:00.000Z}",
            "created_at:{2024-05 TO *]",
            "NOT blocked:true",
            r#"identities.connection:"Google-oauth2""#,
            "last_login:[* TO *]",
        ] {
            assert!(!hits(query), "{query}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_not_guessed() {
        for query in [
            "",
            "blocked",
            "blocked:",
            "user_id:auth0|6abc",
            "email:a@b.c",
            "user_id:a?c",
            "user_id:*c",
            "user_id:a*c",
            "a:b c:d",
            "a:b AND",
            "(a:b",
            "a:b)",
            "a:\"b",
            "a:[b TO]",
            "a:[b c]",
            "a:[b TO c",
            "created_at:[yesterday TO *]",
            "created_at:2024*",
            "a:b\\",
            "NOT",
            &format!("{}a:b{}", "(".repeat(1_000), ")".repeat(1_000)),
        ] {
            assert!(parse(query).is_err(), "{query}");
        }
    }

    #[test]
    fn bounds_never_exclude_a_match() {
        let of = |query: &str| parse(query).unwrap().bounds("created_at");
        assert_eq!(
            of("created_at:[1970 TO *] AND created_at:[* TO 1970]"),
            Some((0, 31_535_999_999))
        );
        assert_eq!(of("NOT created_at:[1970 TO 1970]"), None);
        assert_eq!(of("created_at:[1970 TO 1970] OR blocked:true"), None);
        assert_eq!(of("updated_at:[1970 TO 1970]"), None);
    }
}
