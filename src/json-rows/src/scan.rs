//! Goes over a text of JSON, once, and checks it.
//!
//! It accepts what serde_json accepts (the tests and a fuzz target compare the
//! two), and does not limit the depth: that of a text costs a bit a level.

use crate::block::{self, special, special_in};
use crate::raw::{Kind, Raw};

/// A part of the text that is a value.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    from: usize,
    to: usize,
    kind: Kind,
}

/// A place in a text. Each step moves it, or returns `None`: the text is not JSON.
pub(crate) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Scan<'a> {
        Scan { text, at: 0 }
    }

    /// The value in this part of the text.
    #[inline(always)]
    pub(crate) fn raw(&self, span: Span) -> Option<Raw<'a>> {
        Some(Raw::of(self.text.get(span.from..span.to)?, span.kind))
    }

    /// Where between its quotes a string without an escape stands; `None` for any
    /// other value.
    #[inline(always)]
    pub(crate) fn plain(&self, span: Span) -> Option<(usize, usize)> {
        match span.kind {
            Kind::Plain => Some((span.from + 1, span.to - 1)),
            Kind::Escaped | Kind::Other => None,
        }
    }

    /// The whole text.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Where it is.
    #[inline(always)]
    pub(crate) fn place(&self) -> usize {
        self.at
    }

    /// The text from here on.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Goes over bytes that were looked at.
    #[inline(always)]
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes back to where it was.
    pub(crate) fn go_back(&mut self, place: usize) {
        self.at = place;
    }

    /// Nothing but white space is left.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.next_byte().is_none().then_some(())
    }

    /// Begins an array: whether it has items.
    #[inline(always)]
    pub(crate) fn begin_array(&mut self) -> Option<bool> {
        self.begin(b'[', b']')
    }

    /// Begins an object: whether it has members.
    #[inline(always)]
    pub(crate) fn begin_object(&mut self) -> Option<bool> {
        self.begin(b'{', b'}')
    }

    /// Behind an item: whether another one follows.
    #[inline(always)]
    pub(crate) fn next_item(&mut self) -> Option<bool> {
        self.next(b']')
    }

    /// Behind a member: whether another one follows.
    #[inline(always)]
    pub(crate) fn next_member(&mut self) -> Option<bool> {
        self.next(b'}')
    }

    /// A member's name, and the colon behind it.
    #[inline(always)]
    pub(crate) fn name(&mut self) -> Option<Span> {
        if self.next_byte()? != b'"' {
            return None;
        }
        let name = self.string()?;
        if self.next_byte()? != b':' {
            return None;
        }
        self.at += 1;
        Some(name)
    }

    /// A value.
    #[inline(always)]
    pub(crate) fn value(&mut self) -> Option<Span> {
        let first = self.next_byte()?;
        if first == b'"' {
            return self.string();
        }
        let from = self.at;
        self.at = match first {
            b'[' | b'{' => nested(self.text, from)?,
            _ => word(self.text.as_bytes(), from)?,
        };
        Some(Span { from, to: self.at, kind: Kind::Other })
    }

    #[inline(always)]
    fn begin(&mut self, open: u8, close: u8) -> Option<bool> {
        if self.next_byte()? != open {
            return None;
        }
        self.at += 1;
        let is_empty = self.next_byte()? == close;
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    #[inline(always)]
    fn next(&mut self, close: u8) -> Option<bool> {
        let found = self.next_byte()?;
        self.at += 1;
        match found {
            b',' => Some(true),
            _ => (found == close).then_some(false),
        }
    }

    /// The next byte that is not white space; the place moves to it.
    #[inline(always)]
    fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        let mut byte = *bytes.get(self.at)?;
        while byte <= b' ' && matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
            byte = *bytes.get(self.at)?;
        }
        Some(byte)
    }

    /// A string, from its quote on.
    #[inline(always)]
    fn string(&mut self) -> Option<Span> {
        let (bytes, from) = (self.text.as_bytes(), self.at);
        let inner = from + 1;
        // Most strings end in their first block.
        let end = match bytes.get(inner..)?.first_chunk().map(special_in) {
            Some(Some(within)) => inner + within,
            Some(None) => special(bytes, inner + block::SIZE),
            None => special(bytes, inner),
        };
        let kind = if *bytes.get(end)? == b'"' {
            self.at = end + 1;
            Kind::Plain
        } else {
            self.at = escaped(bytes, end)?;
            Kind::Escaped
        };
        Some(Span { from, to: self.at, kind })
    }
}

/// Behind a string, from its first escape on.
fn escaped(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => at + 2,
            (b'\\', Some(b'u')) => {
                let digits = bytes.get(at + 2..at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 6)?
            }
            _ => return None,
        };
        at = special(bytes, at);
    }
}

/// Behind a number, `true`, `false` or `null`.
fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    match rest.first_chunk() {
        Some(b"true" | b"null") => Some(at + 4),
        Some(b"fals") if rest.get(4) == Some(&b'e') => Some(at + 5),
        _ => number(bytes, at),
    }
}

fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if is(at, b"-") {
        at += 1;
    }
    at = match is(at, b"0") {
        // A digit behind it is seen by who goes on.
        true => at + 1,
        false => digits(bytes, at)?,
    };
    if is(at, b".") {
        at = digits(bytes, at + 1)?;
    }
    if is(at, b"eE") {
        at += 1;
        if is(at, b"+-") {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    Some(at)
}

/// Behind one digit or more.
fn digits(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(from + count)
}

/// Behind an array or an object.
#[inline(never)]
fn nested(text: &str, at: usize) -> Option<usize> {
    let mut scan = Scan { text, at };
    let mut open = Open::default();
    loop {
        match scan.next_byte()? {
            b'{' => {
                if scan.begin_object()? {
                    open.push(Container::Object);
                    scan.name()?;
                    continue;
                }
            }
            b'[' => {
                if scan.begin_array()? {
                    open.push(Container::Array);
                    continue;
                }
            }
            b'"' => {
                scan.string()?;
            }
            _ => scan.at = word(text.as_bytes(), scan.at)?,
        }
        // Behind a value: whatever ends with it, ends.
        loop {
            match open.last() {
                None => return Some(scan.at),
                Some(Container::Object) if scan.next_member()? => {
                    scan.name()?;
                    break;
                }
                Some(Container::Array) if scan.next_item()? => break,
                Some(_) => open.pop(),
            }
        }
    }
}

enum Container {
    Array,
    Object,
}

/// What is open, from the outside in, a bit each: the text decides how deep it
/// is, and may be hostile.
#[derive(Default)]
struct Open {
    /// The innermost, the last one lowest.
    last: u64,
    /// How many of `last` are open.
    depth: u32,
    /// Those further out, 64 each.
    outer: Vec<u64>,
}

impl Open {
    #[inline(always)]
    fn push(&mut self, container: Container) {
        if self.depth == u64::BITS {
            self.outer.push(self.last);
            self.depth = 0;
        }
        self.last = self.last << 1 | u64::from(matches!(container, Container::Object));
        self.depth += 1;
    }

    #[inline(always)]
    fn last(&self) -> Option<Container> {
        match (self.depth, self.last & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            _ => Some(Container::Object),
        }
    }

    #[inline(always)]
    fn pop(&mut self) {
        self.last >>= 1;
        self.depth -= 1;
        if self.depth == 0
            && let Some(outer) = self.outer.pop()
        {
            (self.last, self.depth) = (outer, u64::BITS);
        }
    }
}
