//! How the input of [`crate::session()`] is written: what is requested, then one
//! answer after the other, each with when it arrives and to which request, and what
//! happens in between.
//!
//! Every byte string is a script: numbers are read from the front, what is missing
//! is zero, and what is out of range is taken modulo.

use arbitrary::{Result, Unstructured};

/// Milliseconds between an answer and the one before it.
const DELAYS: [u64; 12] =
    [50, 0, 1, 200, 1_000, 5_000, 19_999, 20_001, 60_000, 3_600_000, 86_400_001, 2_678_400_000];
/// Statuses of answers without rows.
const STATUSES: [u16; 18] =
    [401, 403, 404, 429, 500, 503, 400, 408, 425, 204, 302, 100, 599, 0, 410, 200, 502, 999];
/// `Retry-After`, in seconds.
const RETRY_AFTER: [u64; 6] = [0, 1, 30, 3_600, 4_294_967_296, u64::MAX];
/// Rows of a page; large ones are rare, for they are slow to make.
const COUNTS: [u32; 16] = [0, 1, 2, 5, 1, 3, 20, 4, 10, 100, 2, 1, 101, 0, 6, 1_001];
/// Milliseconds between the rows of a page.
const APART: [i64; 8] = [1_000, 0, 1, 60_000, 86_400_000, 2_592_000_000, -1_000, 31_536_000_000];

/// The kind of a verbatim answer, as it is written.
const VERBATIM: u8 = 1;

/// What is requested, of which configuration, and from which checkpoint.
#[derive(Debug, Default)]
pub struct Opening<'a> {
    /// What is requested.
    pub requested: Requested,
    /// The configuration: resources, share, days and log types.
    pub configured: [u8; 4],
    /// What the host's clock shows: a number for [`crate::session()`].
    pub clock: u8,
    /// After how many stored steps the instance is lost, each time; 0 for never.
    pub lost_after: u8,
    /// The state of a stored checkpoint.
    pub state: Stored<'a>,
}

/// The state of a stored checkpoint.
#[derive(Clone, Copy, Debug, Default)]
pub enum Stored<'a> {
    /// There is none.
    #[default]
    None,
    /// As the engine writes it.
    Whole(&'a [u8]),
    /// Part by part, as [`crate::parts`] has it.
    Parts(&'a [u8]),
}

/// What is requested: numbers for [`crate::session()`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Requested {
    /// The mode of each resource.
    pub modes: u8,
    /// The bound of each resource.
    pub since: u8,
    /// Which resources.
    pub resources: u8,
    /// The patience.
    pub patience: u8,
}

/// An answer on its way.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// Milliseconds after what arrived before.
    pub delay: u64,
    /// To which of the requests in flight, modulo their number.
    pub which: u8,
    /// Whether the next one arrives together with it.
    pub together: bool,
    /// What happens just before.
    pub event: Option<Event>,
    /// What it says.
    pub answer: Answer<'a>,
}

/// What else happens during a sync.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The instance is dropped, whatever it was doing.
    Interrupted,
    /// The host requests something else from its next call on.
    Requested(Requested),
}

/// What a request is answered with.
#[derive(Clone, Debug)]
pub enum Answer<'a> {
    /// What a tenant without users, logins and statistics answers.
    Quiet,
    /// This status; header lines, a blank line, and the body.
    Verbatim(u16, &'a [u8]),
    /// The same for requests of these endpoints, and what a quiet tenant answers
    /// for others.
    Page(&'a [&'a str], u16, &'a [u8]),
    /// These headers, and a page on which another one follows.
    Headers(&'a [&'a [u8]]),
    /// Rows as they could be requested.
    Rows(Rows, Hints),
    /// This status and an error's body.
    Refusal(u16, Hints),
    /// The connection broke.
    Broken,
    /// Nothing was sent, for the reason of this number.
    NotSent(u8),
    /// A body larger than is read.
    TooLarge(u16, Hints),
    /// The body of the answer before, whatever is requested now.
    Again(Hints),
}

/// What the rows of a page are like; the styles are numbers for `answers`.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// How many.
    pub count: u32,
    /// Milliseconds between them.
    pub apart: i64,
    /// The style of their ids.
    pub ids: u8,
    /// The style of their dates.
    pub dates: u8,
    /// The style of their other members.
    pub members: u8,
    /// The style of the envelope.
    pub envelope: u8,
}

/// What the headers say, beside the status.
#[derive(Clone, Copy, Debug)]
pub struct Hints {
    /// The style of the date.
    pub date: u8,
    /// The bucket's size and content.
    pub bucket: Option<(u16, u16)>,
    /// `Retry-After`.
    pub retry_after: Option<u64>,
    /// `X-RateLimit-Reset`, in seconds from now.
    pub reset: Option<i8>,
    /// The number of the row in the link to the next page.
    pub next: Option<u8>,
}

impl<'a> Opening<'a> {
    /// Reads the front of a script.
    pub fn read(input: &mut Unstructured<'a>) -> Result<Opening<'a>> {
        let (requested, configured) = (Requested::read(input)?, input.arbitrary()?);
        let [clock, lost_after, stored]: [u8; 3] = input.arbitrary()?;
        let state = match stored % 3 {
            0 => Stored::None,
            1 => Stored::Whole(text(input)?),
            _ => Stored::Parts(text(input)?),
        };
        Ok(Opening { requested, configured, clock, lost_after, state })
    }

    /// Writes it, as the front of a script.
    pub fn write(&self) -> Vec<u8> {
        let Requested { modes, since, resources, patience } = self.requested;
        let mut script = vec![modes, since, resources, patience];
        script.extend(self.configured);
        script.extend([self.clock, self.lost_after]);
        match self.state {
            Stored::None => script.push(0),
            Stored::Whole(state) => {
                script.push(1);
                write_text(&mut script, state);
            }
            Stored::Parts(state) => {
                script.push(2);
                write_text(&mut script, state);
            }
        }
        script
    }
}

impl Requested {
    fn read(input: &mut Unstructured<'_>) -> Result<Requested> {
        let [modes, since, resources, patience] = input.arbitrary()?;
        Ok(Requested { modes, since, resources, patience })
    }
}

impl<'a> Arrival<'a> {
    /// This answer to the first request in flight, after 50 ms.
    pub(crate) fn of(answer: Answer<'a>) -> Arrival<'a> {
        Arrival { delay: 50, which: 0, together: false, event: None, answer }
    }

    /// Reads one answer.
    pub(crate) fn read(input: &mut Unstructured<'a>) -> Result<Arrival<'a>> {
        let [when, which, kind]: [u8; 3] = input.arbitrary()?;
        let event = match kind >> 6 {
            1 => Some(Event::Interrupted),
            2 => Some(Event::Requested(Requested::read(input)?)),
            _ => None,
        };
        let answer = match kind % 8 {
            VERBATIM | 7 => Answer::Verbatim(input.arbitrary()?, text(input)?),
            2 | 3 => Answer::Rows(Rows::read(input)?, Hints::read(input)?),
            4 => Answer::Refusal(pick(&STATUSES, input.arbitrary()?), Hints::read(input)?),
            5 if which % 4 == 0 => Answer::Broken,
            5 if which % 4 == 2 => Answer::NotSent(which / 4),
            5 => Answer::TooLarge(pick(&STATUSES, input.arbitrary()?), Hints::read(input)?),
            6 => Answer::Again(Hints::read(input)?),
            _ => Answer::Quiet,
        };
        let delay = pick(&DELAYS, when & 0x7f);
        Ok(Arrival { delay, which, together: when & 0x80 != 0, event, answer })
    }
}

/// The answers of a script, until it ends.
pub(crate) fn arrivals<'a>(mut input: Unstructured<'a>) -> impl Iterator<Item = Arrival<'a>> {
    std::iter::from_fn(move || {
        if input.is_empty() {
            return None;
        }
        Some(Arrival::read(&mut input).unwrap_or_else(|_| Arrival::of(Answer::Quiet)))
    })
}

/// Adds a whole answer to a script: to the first request under way, after
/// 50 ms; `text` is header lines, a blank line, and the body.
pub fn write_verbatim(script: &mut Vec<u8>, status: u16, text: &[u8]) {
    script.extend([0, 0, VERBATIM]);
    script.extend(status.to_le_bytes());
    write_text(script, text);
}

impl Rows {
    fn read(input: &mut Unstructured<'_>) -> Result<Rows> {
        let [count, apart, ids, dates, members, envelope]: [u8; 6] = input.arbitrary()?;
        let (count, apart) = (pick(&COUNTS, count), pick(&APART, apart));
        Ok(Rows { count, apart, ids, dates, members, envelope })
    }
}

impl Hints {
    fn read(input: &mut Unstructured<'_>) -> Result<Hints> {
        let flags: u8 = input.arbitrary()?;
        let bucket = if flags & 4 != 0 { Some(input.arbitrary()?) } else { None };
        let retry_after =
            if flags & 8 != 0 { Some(pick(&RETRY_AFTER, input.arbitrary()?)) } else { None };
        let reset = if flags & 16 != 0 { Some(input.arbitrary()?) } else { None };
        let next = if flags & 32 != 0 { Some(input.arbitrary()?) } else { None };
        Ok(Hints { date: flags & 3, bucket, retry_after, reset, next })
    }
}

fn pick<T: Copy + Default>(from: &[T], number: u8) -> T {
    from.get(usize::from(number) % from.len()).copied().unwrap_or_default()
}

pub(crate) fn text<'a>(input: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let length: u16 = input.arbitrary()?;
    input.bytes(usize::from(length).min(input.len()))
}

pub(crate) fn write_text(script: &mut Vec<u8>, text: &[u8]) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    script.extend(length.to_le_bytes());
    script.extend(text.iter().take(usize::from(length)));
}
