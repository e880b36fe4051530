//! Keeps secrets out of a component's messages: neither a connector that repeats a
//! source's response nor a hostile one may put them in a log.

use std::collections::VecDeque;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use crate::contract::Secret;

/// Shorter values would match parts of ordinary words.
const SHORTEST: usize = 6;
/// Leading characters that identify a longer secret, which a message may truncate.
const TELLING: usize = 16;
/// The most credentials that are remembered; older ones are no longer valid.
const LEARNED: usize = 16;
/// The name of a credential that the configuration does not name.
const CREDENTIAL: &str = "credential";

/// Replaces secrets by their names, whether plain, percent-encoded, escaped as in
/// JSON or in base64, and also if they are truncated.
///
/// ```
/// use rawdash_host::contract::Secret;
/// use rawdash_host::redaction::Redaction;
///
/// let secret = Secret { name: "KEY".into(), value: "hunter2/hunter2".into() };
/// let redaction = Redaction::new(&[secret]);
/// assert_eq!(redaction.apply("?key=hunter2%2Fhunter2"), "?key=[KEY]");
/// assert_eq!(redaction.finds("hunter2/hunter2"), Some("KEY"));
/// ```
#[derive(Clone, Default)]
pub struct Redaction {
    secrets: Vec<Hidden>,
    /// Those that the component received from its source.
    learned: VecDeque<Hidden>,
}

#[derive(Clone)]
struct Hidden {
    name: String,
    value: String,
    /// The beginning of its base64, for each possible alignment.
    encoded: Vec<String>,
    /// For each byte, whether a spelling of it may begin with it.
    first: [bool; 256],
}

impl Redaction {
    /// A redaction of these secrets.
    pub fn new(secrets: &[Secret]) -> Self {
        let hidden = |secret: &Secret| Hidden::new(&secret.name, &secret.value);
        Redaction { secrets: secrets.iter().filter_map(hidden).collect(), learned: VecDeque::new() }
    }

    /// From now on also replaces this credential, which the component sends and the
    /// configuration does not name, such as an access token.
    pub fn learn(&mut self, credential: &str) {
        let known = |hidden: &Hidden| hidden.value == credential;
        if self.secrets.iter().chain(&self.learned).any(known) {
            return;
        }
        self.learned.extend(Hidden::new(CREDENTIAL, credential));
        if self.learned.len() > LEARNED {
            self.learned.pop_front();
        }
    }

    /// The text with `[NAME]` for each secret.
    pub fn apply(&self, text: &str) -> String {
        let all = self.secrets.iter().chain(&self.learned);
        all.fold(text.to_owned(), |text, secret| secret.replace(&text))
    }

    /// The name of a secret in the text, if there is one.
    pub fn finds<'a>(&'a self, text: &str) -> Option<&'a str> {
        let mut secrets = self.secrets.iter().chain(&self.learned);
        secrets.find(|secret| secret.is_in(text)).map(|secret| secret.name.as_str())
    }
}

impl Hidden {
    fn new(name: &str, value: &str) -> Option<Hidden> {
        if value.len() < SHORTEST {
            return None;
        }
        let shifts = (0..3).flat_map(|shift| encoded(value.as_bytes(), shift));
        let encoded: Vec<String> = shifts.collect();
        let spellings = encoded.iter().map(String::as_str).chain([value, "\\", "+"]);
        let mut first = [false; 256];
        for byte in spellings.filter_map(|spelling| spelling.bytes().next()) {
            if let Some(begins) = first.get_mut(usize::from(byte)) {
                *begins = true;
            }
        }
        Some(Hidden { name: name.to_owned(), value: value.to_owned(), encoded, first })
    }

    /// The text with each occurrence replaced by the name. One pass, because a
    /// component chooses the text, and how often the secret seems to begin.
    fn replace(&self, text: &str) -> String {
        let (mut redacted, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(next) = rest.chars().next() {
            let left = if let Some(left) = self.behind_encoded(rest) {
                redacted.truncate(redacted.trim_end_matches(is_base64).len());
                Some(left)
            } else {
                self.behind(rest)
            };
            match left {
                Some(left) => {
                    redacted.push_str(&format!("[{}]", self.name));
                    rest = left;
                }
                None => {
                    redacted.push(next);
                    rest = rest.get(next.len_utf8()..).unwrap_or_default();
                }
            }
        }
        redacted
    }

    /// Whether it occurs anywhere in the text.
    fn is_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        (0..bytes.len())
            .filter(|at| bytes.get(*at..).is_some_and(|rest| self.may_begin(rest)))
            .filter_map(|at| text.get(at..))
            .any(|rest| self.behind_encoded(rest).is_some() || self.behind(rest).is_some())
    }

    /// Whether a text can begin with it, judged by the first byte. Each step's
    /// checkpoint is searched, and hardly any place in it qualifies.
    fn may_begin(&self, text: &[u8]) -> bool {
        match text {
            [b'%', high, low, ..] => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let meant = digit(high).zip(digit(low)).map(|(high, low)| high * 16 + low);
                meant.is_some_and(|meant| self.value.bytes().next().map(u32::from) == Some(meant))
                    || self.may_begin_with(b'%')
            }
            [byte, ..] => self.may_begin_with(*byte),
            [] => false,
        }
    }

    fn may_begin_with(&self, byte: u8) -> bool {
        self.first.get(usize::from(byte)) == Some(&true)
    }

    /// The rest of a text that begins with the value, in any spelling. The plain
    /// spelling is tried first, because escapes in the value itself need not be
    /// meant as escapes.
    fn behind<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.strip_prefix(&self.value).or_else(|| escaped(text, &self.value))
    }

    /// The rest of a text that begins with the value in base64, after that whole
    /// word of base64, because the word continues with a part of the secret.
    fn behind_encoded<'a>(&self, text: &'a str) -> Option<&'a str> {
        let left = self.encoded.iter().find_map(|part| text.strip_prefix(part.as_str()))?;
        Some(left.trim_start_matches(is_base64))
    }
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/-_=".contains(c)
}

/// The base64 of a value without the characters that it shares with the `shift`
/// bytes of a group of three before it, in both alphabets.
fn encoded(value: &[u8], shift: usize) -> Vec<String> {
    let own = value.get((3 - shift) % 3..).unwrap_or_default();
    let telling = own.get(..(own.len() / 3 * 3).min(TELLING / 4 * 3)).unwrap_or_default();
    if telling.len() < SHORTEST {
        return Vec::new();
    }
    vec![BASE64_NOPAD.encode(telling), BASE64URL_NOPAD.encode(telling)]
}

/// The rest of a text that begins with the value, or with enough of it to identify
/// it; each character plain, percent-encoded, or escaped as in JSON.
fn escaped<'a>(text: &'a str, value: &str) -> Option<&'a str> {
    let (mut rest, mut behind) = (text, 0);
    for expected in value.chars() {
        let Some(next) = after(rest, expected) else {
            return (behind >= TELLING).then_some(rest);
        };
        (rest, behind) = (next, behind + 1);
    }
    Some(rest)
}

/// The rest of a text that begins with the character.
fn after(text: &str, expected: char) -> Option<&str> {
    let means = |(found, rest)| (found == expected).then_some(rest);
    let decoded = match text.as_bytes().first()? {
        b'%' => percent(text),
        b'\\' => json(text),
        b'+' => Some((' ', text.get(1..)?)),
        _ => None,
    };
    decoded.and_then(means).or_else(|| text.strip_prefix(expected))
}

/// A character whose UTF-8 is written as `%XX%XX…`, and the rest.
fn percent(text: &str) -> Option<(char, &str)> {
    (1..=4).find_map(|bytes| {
        let (spelt, rest) = text.split_at_checked(bytes * 3)?;
        let decoded = percent_encoding::percent_decode_str(spelt).decode_utf8().ok()?;
        let mut characters = decoded.chars();
        let one = characters.next().filter(|_| characters.next().is_none())?;
        Some((one, rest))
    })
}

/// A character that is written as an escape of JSON, and the rest.
fn json(text: &str) -> Option<(char, &str)> {
    // `\n`, `\u00e9`, or a surrogate pair of the latter.
    [2, 6, 12].into_iter().find_map(|length| {
        let (spelt, rest) = text.split_at_checked(length)?;
        let one = serde_json::from_str::<char>(&format!("\"{spelt}\"")).ok()?;
        Some((one, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAME: &str = "CLIENT_SECRET";

    fn redaction(value: &str) -> Redaction {
        Redaction::new(&[Secret { name: NAME.to_owned(), value: value.to_owned() }])
    }

    #[test]
    fn a_secret_in_a_message_is_replaced_by_its_name() {
        let redaction = redaction("hunter2hunter2");
        assert_eq!(redaction.apply("no hunter2hunter2 here"), "no [CLIENT_SECRET] here");
        assert_eq!(redaction.finds("{\"a\":\"hunter2hunter2\"}"), Some(NAME));
        assert_eq!(redaction.finds("hunter3"), None);
    }

    #[test]
    fn a_secret_that_an_answer_spells_otherwise_is_replaced_too() {
        let redaction = redaction(r#"p/w+ "é\n%41"#);
        for spelt in [
            r#"p/w+ "é\n%41"#,
            "p%2Fw%2B%20%22%C3%A9%5Cn%2541",
            "p%2fw%2b+%22%c3%a9%5cn%2541",
            r#"p/w%2B \"é\\n%41"#,
            r#"p\/w\u002b \"\u00e9\\n%2541"#,
        ] {
            let text = format!("said {spelt}.");
            assert_eq!(redaction.apply(&text), "said [CLIENT_SECRET].", "{spelt}");
            assert_eq!(redaction.finds(&text), Some(NAME), "{spelt}");
        }
    }

    #[test]
    fn a_secret_that_looks_escaped_itself_is_replaced_as_it_is() {
        let secret = r#"\\%"é\"#;
        assert_eq!(redaction(secret).apply(&format!("said {secret}.")), "said [CLIENT_SECRET].");
    }

    #[test]
    fn a_text_full_of_what_may_be_the_secret_is_read_once() {
        let secret = "hunter2hunter2hunter2";
        let text = BASE64_NOPAD.encode(secret.as_bytes()) + " ";
        let redacted = redaction(secret).apply(&text.repeat(50_000));
        assert_eq!(redacted, "[CLIENT_SECRET] ".repeat(50_000));
    }

    #[test]
    fn a_secret_in_basic_authentication_is_replaced_with_the_whole_word() {
        let redaction = redaction("hunter2?hunter2>");
        for id in ["", "i", "id", "the-id"] {
            for alphabet in [BASE64_NOPAD, BASE64URL_NOPAD] {
                let word = alphabet.encode(format!("{id}:hunter2?hunter2>").as_bytes());
                let text = format!("sent \"Basic {word}\" in vain");
                let redacted = redaction.apply(&text);
                assert_eq!(redacted, "sent \"Basic [CLIENT_SECRET]\" in vain", "{id}");
                assert_eq!(redaction.finds(&text), Some(NAME), "{id}");
            }
        }
    }

    #[test]
    fn a_secret_that_a_message_cuts_short_is_replaced_too() {
        let secret = "hunter2-hunter2-hunter2-hunter2";
        let escaped: String = secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        for spelt in [secret.to_owned(), BASE64_NOPAD.encode(secret.as_bytes()), escaped.clone()] {
            // Six for a character at most: all of these tell at least 16.
            let cut = spelt.get(..spelt.len() * 2 / 3).unwrap();
            let said = format!("Auth0 says {cut} ...");
            let redacted = redaction(secret).apply(&said);
            assert!(redacted.starts_with("Auth0 says [CLIENT_SECRET]"), "{redacted}");
            assert_eq!(redaction(secret).finds(&said), Some(NAME), "{said}");
        }
        assert_eq!(redaction(secret).finds("a hunter2-hunter is no secret"), None);
    }

    #[test]
    fn a_token_that_no_configuration_names_is_replaced_once_it_is_learned() {
        let mut redaction = redaction("hunter2hunter2");
        assert_eq!(redaction.finds("eyJtoken"), None);
        redaction.learn("eyJtoken");
        assert_eq!(redaction.apply("the token eyJtoken is bad"), "the token [credential] is bad");
        for number in 0..100 {
            redaction.learn(&format!("later-{number}"));
        }
        assert_eq!(redaction.learned.len(), LEARNED);
        assert_eq!(redaction.finds("later-99"), Some(CREDENTIAL));
        assert_eq!(redaction.finds("hunter2hunter2"), Some(NAME));
    }

    proptest! {
        #[test]
        fn no_text_that_holds_the_secret_keeps_it(
            secret in "[a-z%+/\\\\\" é]{6,12}",
            before in "\\PC{0,8}",
            after in "\\PC{0,8}",
        ) {
            let redaction = redaction(&secret);
            let json = serde_json::to_string(&secret).unwrap();
            let percent = percent_encoding::utf8_percent_encode(
                &secret, percent_encoding::NON_ALPHANUMERIC);
            let base64 = BASE64_NOPAD.encode(secret.as_bytes());
            for spelt in [secret.clone(), json, percent.to_string(), base64] {
                let said = format!("{before}{spelt}{after}");
                let redacted = redaction.apply(&said);
                prop_assert_eq!(redaction.finds(&said).is_some(), redacted != said);
                prop_assert!(!redacted.contains(&spelt), "{}", redacted);
                prop_assert_eq!(redaction.finds(&redacted), None);
            }
        }
    }
}
