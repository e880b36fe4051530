//! A run, driven as the component drives it, with any answers in any order.

mod answers;
mod ledger;

use arbitrary::Unstructured;
use auth0_connector_core::auth0::reply::Reply;
use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::engine::instant::Instant;
use auth0_connector_core::engine::timestamp::{DAY, Timestamp};
use auth0_connector_core::resource::Resource;
use auth0_connector_core::sync::checkpoint::{Checkpoint, Mode};
use auth0_connector_core::sync::failure::Failure;
use auth0_connector_core::sync::session::{Outgoing, Session, Step, SyncRequest, Turn};
use serde_json::{Value, json};

use crate::batches::check_batches;
use crate::requests::check_outgoing;
use crate::script::{Answer, Arrival, Opening};
use crate::seal::sealed;
use crate::tenant::{DOMAIN, SECRET, TOKEN, configured, noon};
use ledger::Ledger;

/// The component's deadline of an exchange, in milliseconds.
const DEADLINE: u64 = 20_000;
/// What an answer may take, in milliseconds, past the deadline too.
const LONGEST_ANSWER: u64 = 60_000;
/// What a host waits at most before it ends the command, in milliseconds.
const LONGEST_WAIT: u64 = 300_000;
/// Requests under way at once: four ranges of users, the log, the statistics.
const MOST_AT_ONCE: usize = 6;
/// Steps in a row without a request or a record; a host allows some hundred.
const MOST_IDLE: u32 = 100;
/// Requests without a step between them: every search halved to a millisecond,
/// every page to a row.
const MOST_WITHOUT_A_STEP: u32 = 500;
/// Tokens in a row that nothing is asked with.
const MOST_TOKENS: u32 = 10;
/// Turns with a quiet tenant before the run must be over.
const MOST_QUIET_TURNS: u32 = 25_000;
/// Bytes of answers after which the tenant is quiet: a fuzzer keeps what is
/// short to write, and would soon try nothing but what is long to read.
const MOST_TO_READ: usize = 1 << 20;
/// Bytes of a checkpoint: a thousand users nominated for removal, and a walk.
const LARGEST_CHECKPOINT: usize = 8 << 20;

/// Drives a run through a script, then on with a quiet tenant to its end.
///
/// Nothing panics; every step is one that a host takes; every turn waits,
/// asks, or gives a step; every checkpoint is read back as it was; no event of
/// a page that was left is missing; and the end is reached.
pub fn session(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(opening) = Opening::read(&mut input) else { return };
    let Some(configuration) = configured(configuration_of(&opening)) else { return };
    let stored = opening.state.map(|state| sealed(DOMAIN, state));
    let checkpoint = stored
        .map_or(Ok(Checkpoint::default()), |text| Checkpoint::read(&text, &configuration.domain));
    let Ok(checkpoint) = checkpoint else { return };
    let mut asked = asked_of(&opening);
    asked.resources.retain(|resource| configuration.resources.contains(resource));
    let session = Session::new(configuration, checkpoint);
    let mut drive = Drive::new(input, session, asked, u32::from(opening.lost_after));
    drive.holds_secret = [SECRET, TOKEN].into_iter().any(|secret| holds(data, secret));
    drive.finish();
}

/// Drives a session with a quiet tenant to its end.
pub(crate) fn end_in_peace(session: Session) {
    Drive::new(Unstructured::new(&[]), session, SyncRequest::default(), 0).finish();
}

fn holds(data: &[u8], text: &str) -> bool {
    data.windows(text.len()).any(|window| window == text.as_bytes())
}

fn some_of(mask: u8) -> Vec<Resource> {
    let wanted = |(at, _): &(usize, Resource)| mask >> at & 1 == 1;
    Resource::ALL.into_iter().enumerate().filter(wanted).map(|(_, resource)| resource).collect()
}

fn configuration_of(opening: &Opening<'_>) -> Value {
    let [resources, share, days] = opening.configured;
    let resources: Vec<&str> = some_of(resources).into_iter().map(Resource::setting).collect();
    let (shares, lookbacks) = ([1.0, 0.8, 0.01, 0.25], [30, 1, 400]);
    let mut fields = json!({
        "rateLimitShare": shares.get(usize::from(share % 4)),
        "statsLookbackDays": lookbacks.get(usize::from(days % 3)),
    });
    if let (false, Value::Object(fields)) = (resources.is_empty(), &mut fields) {
        fields.insert("resources".to_owned(), json!(resources));
    }
    fields
}

fn asked_of(opening: &Opening<'_>) -> SyncRequest {
    let [mode, since, resources] = opening.asked;
    SyncRequest {
        mode: match mode % 3 {
            0 => None,
            1 => Some(Mode::Full),
            _ => Some(Mode::Latest),
        },
        since: match since % 6 {
            1 => Timestamp::from_millis(0),
            2 => Some(Timestamp::AUTH0_BEGAN),
            3 => Some(noon().earlier_by(DAY)),
            4 => Some(noon().later_by(DAY)),
            5 => Some(noon().later_by(i64::MAX)),
            _ => None,
        },
        resources: some_of(resources),
    }
}

/// A request under way.
struct Waiting {
    ticket: u64,
    request: Request,
    deadline: u64,
}

struct Drive<'a> {
    input: Unstructured<'a>,
    session: Session,
    asked: SyncRequest,
    lost_after: u32,
    /// Whether the script has learned a secret, which it then may well repeat.
    holds_secret: bool,
    now: u64,
    waiting: Vec<Waiting>,
    /// The next answer, and when it comes.
    arrival: Option<(u64, Arrival<'a>)>,
    last_body: Vec<u8>,
    read: usize,
    ledger: Ledger,
    begun: bool,
    over: bool,
    steps: u32,
    stored: u32,
    idle: u32,
    without_a_step: u32,
    tokens: u32,
    quiet_turns: u32,
}

impl<'a> Drive<'a> {
    fn new(
        input: Unstructured<'a>,
        session: Session,
        asked: SyncRequest,
        lost_after: u32,
    ) -> Drive<'a> {
        Drive {
            input,
            session,
            asked,
            lost_after,
            holds_secret: false,
            now: 1_000_000,
            waiting: Vec::new(),
            arrival: None,
            last_body: Vec::new(),
            read: 0,
            ledger: Ledger::default(),
            begun: false,
            over: false,
            steps: 0,
            stored: 0,
            idle: 0,
            without_a_step: 0,
            tokens: 0,
            quiet_turns: 0,
        }
    }

    fn finish(mut self) {
        assert!(self.session.enter(&self.asked).is_ok());
        while !self.over {
            self.turn();
        }
        self.check_checkpoint();
        let held = format!("{:?}", self.session);
        assert!(held.len() <= LARGEST_CHECKPOINT, "holds {} bytes", held.len());
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    fn is_quiet(&self) -> bool {
        self.input.is_empty() && self.arrival.is_none()
    }

    /// One turn, as `component::run` takes it.
    fn turn(&mut self) {
        if self.is_quiet() {
            self.quiet_turns += 1;
            assert!(self.quiet_turns < MOST_QUIET_TURNS, "the run does not end");
        }
        let (outgoing, turn) = self.session.turn(&self.asked, self.instant());
        if matches!(turn, Turn::Step(_) | Turn::Failed(_)) {
            let asked = self.without_a_step > 0 || !outgoing.is_empty();
            self.idle = if asked { 0 } else { self.idle + 1 };
            (self.without_a_step, self.tokens) = (0, 0);
            assert!(self.idle < MOST_IDLE, "{turn:?}, again and again");
        }
        match turn {
            Turn::Step(step) => {
                self.take(&step);
                self.send(outgoing);
                self.go_on(&step);
            }
            Turn::Failed(failure) => {
                check_failure(&failure);
                self.send(outgoing);
                // As the contract's failure has it: no more than it can hold.
                let pause = failure.retry_after.unwrap_or(1_000);
                self.now += pause.min(u64::from(u32::MAX));
                if self.is_quiet() || self.lost_after > 0 {
                    self.lose();
                }
            }
            Turn::Await(until) => {
                self.send(outgoing);
                self.wait(until.map(Instant::millis));
            }
        }
    }

    fn send(&mut self, outgoing: Vec<Outgoing>) {
        for sent in outgoing {
            check_outgoing(&sent);
            self.tokens = if sent.request == Request::Token { self.tokens + 1 } else { 0 };
            assert!(self.tokens <= MOST_TOKENS, "token after token, and nothing asked with them");
            self.without_a_step += 1;
            assert!(self.without_a_step < MOST_WITHOUT_A_STEP, "{:?}, for ever", sent.request);
            self.ledger.sent(sent.ticket, &sent.request);
            self.waiting.push(Waiting {
                ticket: sent.ticket,
                request: sent.request,
                deadline: self.now + DEADLINE,
            });
        }
        assert!(self.waiting.len() <= MOST_AT_ONCE, "{} requests at once", self.waiting.len());
    }

    /// Takes a step as a host does that stores it with the checkpoint.
    fn take(&mut self, step: &Step) {
        self.steps += 1;
        match step {
            Step::Began { .. } => assert!(!self.begun, "a run began within a run"),
            Step::Wait(_) => {}
            _ => assert!(self.begun, "a step before the run began"),
        }
        match step {
            Step::Batches(batches) => {
                check_batches(batches);
                self.ledger.stored(batches);
            }
            Step::ResourceFailed(failure) => {
                check_failure(failure);
                assert!(failure.resource.is_some());
            }
            Step::Wait(pause) => assert!(*pause > 0),
            Step::Began { .. } | Step::Done => {}
        }
        if !self.is_quiet() || self.steps.is_multiple_of(64) {
            self.check_checkpoint();
        }
    }

    fn go_on(&mut self, step: &Step) {
        match step {
            Step::Began { .. } => self.begun = true,
            Step::Done => {
                self.begun = false;
                self.over = self.is_quiet();
            }
            Step::Wait(pause) => {
                self.now += u64::from(*pause);
                if u64::from(*pause) > LONGEST_WAIT {
                    self.lose();
                }
            }
            _ => {}
        }
        // After a step that is stored, or a run would never get anywhere.
        if let Step::Batches(_) = step {
            self.stored += 1;
            if self.lost_after > 0 && self.stored.is_multiple_of(self.lost_after) {
                self.lose();
            }
        }
    }

    /// The instance is lost; another carries on from the checkpoint.
    fn lose(&mut self) {
        let configuration = self.session.configuration().clone();
        let checkpoint = self.check_checkpoint();
        self.session = Session::new(configuration, checkpoint);
        self.waiting.clear();
        self.ledger = Ledger::default();
        self.begun = false;
    }

    /// The checkpoint is read back as it was, holds nothing that it must not,
    /// and does not grow without bound.
    fn check_checkpoint(&mut self) -> Checkpoint {
        let text = self.session.checkpoint();
        let domain = &self.session.configuration().domain;
        assert!(text.len() <= LARGEST_CHECKPOINT, "a checkpoint of {} bytes", text.len());
        let told = [SECRET, TOKEN].into_iter().any(|secret| text.contains(secret));
        assert!(self.holds_secret || !told, "a secret: {text}");
        let read = Checkpoint::read(&text, domain);
        let Ok(read) = read else { unreachable!("{read:?}: {text}") };
        assert_eq!(read.write(domain), text);
        self.ledger.check(&read);
        read
    }

    /// Waits as `wasi_http` does: for an answer, until an instant at the
    /// latest.
    fn wait(&mut self, until: Option<u64>) {
        assert!(!self.waiting.is_empty(), "waits for no answer");
        assert!(until.is_none_or(|until| until > self.now), "waits for what is past");
        loop {
            let (at, arrival) = self.arrival.take().unwrap_or_else(|| self.read_arrival());
            // A longer delay is a host that stores for so long: the answer is
            // there when it is back.
            let waits = arrival.delay <= LONGEST_ANSWER;
            if let Some(until) = until.filter(|until| waits && *until < at) {
                // The first of those that come together may have come later.
                self.now = self.now.max(until);
                self.arrival = Some((at, arrival));
                break;
            }
            self.now = self.now.max(at);
            let together = arrival.together;
            self.deliver(&arrival);
            if !together || self.waiting.is_empty() || self.input.is_empty() {
                break;
            }
            self.arrival = Some((self.now, self.read_arrival().1));
        }
        self.expire();
    }

    fn read_arrival(&mut self) -> (u64, Arrival<'a>) {
        let quiet = Arrival::QUIET;
        let arrival = if self.input.is_empty() {
            quiet
        } else {
            Arrival::read(&mut self.input).unwrap_or(quiet)
        };
        (self.now.saturating_add(arrival.delay), arrival)
    }

    fn deliver(&mut self, arrival: &Arrival<'_>) {
        let Some(number) = usize::from(arrival.which).checked_rem(self.waiting.len()) else {
            return;
        };
        let waiting = self.waiting.remove(number);
        let wall = noon().later_by(i64::try_from(self.now).unwrap_or(i64::MAX));
        let quiet = self.read > MOST_TO_READ;
        let answer = if quiet { &Answer::Quiet } else { &arrival.answer };
        let reply = answers::reply(answer, &waiting.request, wall, &self.last_body);
        if let Reply::Whole(_, body) = &reply {
            self.last_body.clone_from(body);
            self.read += body.len();
        }
        self.ledger.came(waiting.ticket, &reply);
        self.session.receive(waiting.ticket, reply, self.instant());
    }

    fn expire(&mut self) {
        let (now, instant) = (self.now, self.instant());
        for late in self.waiting.extract_if(.., |waiting| waiting.deadline <= now) {
            let reply = Reply::Broken("Auth0 did not answer within 20 s".to_owned());
            self.session.receive(late.ticket, reply, instant);
        }
    }
}

fn check_failure(failure: &Failure) {
    let message = &failure.message;
    assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
}
