//! A host that drives an engine as the component does, in a time that is only
//! counted, and judges all that it does.

use std::collections::BTreeSet;

use auth0_connector::Auth0;
use rawdash_connector_sdk::contract::configuration::Configured;
use rawdash_connector_sdk::contract::failure::{Failure, FailureKind};
use rawdash_connector_sdk::contract::request::{SyncRequest, Want};
use rawdash_connector_sdk::contract::step::{Ending, Step};
use rawdash_connector_sdk::engine::Engine;
use rawdash_connector_sdk::engine::outgoing::{Outgoing, Turn};
use rawdash_connector_sdk::http::reply::{Broken, Reply};
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::time::instant::Instant;
use rawdash_connector_sdk::time::moment::Moment;
use rawdash_connector_sdk::time::timestamp::Timestamp;

use crate::answers;
use crate::asked::Asked;
use crate::ledger::{LogPage, Steps};
use crate::requests::check_outgoing;
use crate::script::{Answer, Arrival, Event, Requested};
use crate::seal::{State, unsealed};
use crate::tenant::{self, DOMAIN, LOGIN_EVENTS, SECRET, TOKEN, noon};

/// The component's deadline of an exchange, in milliseconds.
const DEADLINE: u64 = 20_000;
/// What an answer may take, in milliseconds, past the deadline too.
const LONGEST_ANSWER: u64 = 60_000;
/// What pacing makes a sync wait at most between two requests with the default share
/// of the rate limit, in milliseconds.
const LONGEST_PACE: u64 = 120_000;
/// The same with the least share: a minute for a request, for each that may be in
/// flight, and for one that was refused.
pub(crate) const SLOWEST_PACE: u64 = 8 * 60_000;
/// The longest pause that a source can state, in milliseconds.
const LONGEST_PAUSE: u64 = 86_400_000;
/// What a host waits at most before it ends the command, in milliseconds.
const LONGEST_WAIT: u64 = 300_000;
/// Requests of a sync in flight at once: four ranges of users, the log, the
/// statistics.
const MOST_AT_ONCE: usize = 6;
/// Steps in a row without a request or a record; a host allows some hundred.
const MOST_IDLE: u32 = 100;
/// Requests without a step between them: every search halved to a millisecond,
/// every page to a row.
const MOST_WITHOUT_A_STEP: u32 = 500;
/// Tokens in a row that nothing is requested with.
const MOST_TOKENS: u32 = 10;
/// Turns with a quiet tenant before the sync must be over.
const MOST_QUIET_TURNS: u32 = 25_000;
/// Bytes of answers after which the tenant is quiet: a fuzzer keeps what is
/// short to write, and would soon try nothing but what is long to read.
const MOST_TO_READ: usize = 1 << 20;
/// Bytes of a checkpoint.
const LARGEST_CHECKPOINT: usize = 1 << 20;
/// Bytes of answers and stored state up to which a checkpoint certainly has room
/// for every run: a byte is held at most five times, in three characters each.
const ROOM_FOR_RUNS: usize = LARGEST_CHECKPOINT / 16;

/// What a host begins with.
pub(crate) struct Setting {
    /// The text of the configuration.
    pub(crate) configuration: String,
    /// The checkpoint that is stored.
    pub(crate) checkpoint: Option<String>,
    /// What is requested.
    pub(crate) request: SyncRequest,
    /// What the host's clock shows at the begin.
    pub(crate) wall: Timestamp,
    /// The tenant's clock at the begin.
    pub(crate) date: Timestamp,
    /// After how many stored steps the instance is lost, each time; 0 for never.
    pub(crate) lost_after: u32,
    /// What pacing makes a sync wait at most between two requests, in milliseconds.
    pub(crate) longest_pace: u64,
    /// Whether the input contains what must not be revealed.
    pub(crate) holds_secret: bool,
    /// What a script's request amounts to.
    pub(crate) meaning: fn(Requested, &[String]) -> SyncRequest,
}

impl Setting {
    /// Everything is requested of this configuration, from the beginning.
    pub(crate) fn of(configuration: String) -> Setting {
        Setting {
            configuration,
            checkpoint: None,
            request: SyncRequest::default(),
            wall: noon(),
            date: noon(),
            lost_after: 0,
            longest_pace: LONGEST_PACE,
            holds_secret: false,
            meaning: |_, _| SyncRequest::default(),
        }
    }

    /// Notes whether an input contains what must not be revealed.
    pub(crate) fn with_input(mut self, data: &[u8]) -> Setting {
        let holds = |text: &str| data.windows(text.len()).any(|window| window == text.as_bytes());
        self.holds_secret = [SECRET, TOKEN, DOMAIN].into_iter().any(holds);
        self
    }
}

/// A request in flight.
struct Waiting {
    ticket: u64,
    request: Request,
    asked: Asked,
    deadline: u64,
    /// Whether the sync that sent it is under way.
    is_awaited: bool,
}

/// A host, an engine, and the answers on their way.
pub(crate) struct Drive<'a> {
    setting: Setting,
    engine: Engine<Auth0>,
    names: Vec<String>,
    types: Vec<String>,
    arrivals: Box<dyn Iterator<Item = Arrival<'a>> + 'a>,
    /// The first of those.
    following: Option<Arrival<'a>>,
    /// An answer on its way, and when it arrives.
    arrival: Option<(u64, Arrival<'a>)>,
    now: u64,
    /// Whether the next call begins with the answers that arrived meanwhile.
    collects: bool,
    /// What the next call requests, where that is something else.
    changed: Option<SyncRequest>,
    /// When the call under way began; `None` between calls.
    entered: Option<u64>,
    waiting: Vec<Waiting>,
    last_body: String,
    read: usize,
    steps: Steps,
    log_page: LogPage,
    /// The checkpoint of the last step.
    stored: Option<String>,
    /// The resources whose run ended while the tenant is quiet.
    settled: BTreeSet<String>,
    is_over: bool,
    taken: u32,
    batches: u32,
    idle: u32,
    without_a_step: u32,
    /// Milliseconds of pauses without a cause since the last request.
    paced: u64,
    tokens: u32,
    quiet_turns: u32,
}

impl<'a> Drive<'a> {
    /// A host that has not called yet; `None` where the configuration or the
    /// checkpoint is refused.
    pub(crate) fn new(
        setting: Setting,
        arrivals: impl Iterator<Item = Arrival<'a>> + 'a,
    ) -> Option<Drive<'a>> {
        let (engine, configured) =
            tenant::engine(&setting.configuration, setting.checkpoint.as_deref()).ok()?;
        let Configured { resources, origins } = &configured;
        assert_eq!(origins, &[format!("https://{DOMAIN}")]);
        let mut arrivals = Box::new(arrivals);
        // One that was written by hand may be of another form.
        let stored = setting.checkpoint.as_ref().and_then(|_| engine.checkpoint().ok());
        let mut drive = Drive {
            engine,
            names: resources.iter().map(|resource| resource.name.clone()).collect(),
            types: log_types(&setting.configuration),
            following: arrivals.next(),
            arrivals,
            arrival: None,
            now: 1_000_000,
            changed: None,
            collects: false,
            entered: None,
            waiting: Vec::new(),
            last_body: String::new(),
            read: stored.as_ref().map_or(0, String::len),
            steps: Steps::new(&configured),
            log_page: LogPage::default(),
            stored,
            settled: BTreeSet::new(),
            is_over: false,
            taken: 0,
            batches: 0,
            idle: 0,
            without_a_step: 0,
            paced: 0,
            tokens: 0,
            quiet_turns: 0,
            setting,
        };
        drive.restore_steps();
        Some(drive)
    }

    /// Syncs until, with a quiet tenant, a sync is done, or every resource was read
    /// where instances are lost; returns the checkpoint.
    pub(crate) fn finish(mut self) -> String {
        while !self.is_over {
            self.turn();
        }
        self.check_checkpoint()
    }

    fn moment(&self) -> Moment {
        let instant = Instant::from_millis(self.now);
        Moment { instant, wall: self.setting.wall.later_by(span(self.now)) }
    }

    /// Whether nothing of the script is left.
    fn is_quiet(&self) -> bool {
        self.following.is_none() && self.arrival.is_none()
    }

    /// One turn, as the component takes it.
    fn turn(&mut self) {
        if self.is_quiet() {
            self.quiet_turns += 1;
            assert!(self.quiet_turns < MOST_QUIET_TURNS, "the sync does not end");
        }
        if self.entered.is_none() {
            self.enter();
            if std::mem::take(&mut self.collects) && !self.waiting.is_empty() {
                return self.receive(Some(self.now));
            }
        }
        self.engine.keep_rotated(|_| unreachable!("Auth0 replaces no secret"));
        let (outgoing, turn) = self.engine.turn(self.moment());
        match turn {
            Turn::Step(step) => {
                self.count_idle(&outgoing, &format_args!("{step:?}"), step == Step::wait(0));
                self.take(&step);
                self.send(outgoing);
                self.go_on(&step);
            }
            Turn::Failed(failure) => {
                self.count_idle(&outgoing, &format_args!("{failure:?}"), false);
                self.send(outgoing);
                self.fail(&failure);
            }
            Turn::Await(until) => {
                self.send(outgoing);
                self.wait(until.map(Instant::millis));
            }
        }
    }

    /// A call of `sync` begins.
    fn enter(&mut self) {
        if let Some(changed) = self.changed.take() {
            self.setting.request = changed;
        }
        let request = self.setting.request.clone();
        let entered = self.engine.enter(&request, self.moment());
        let is_legal = request.wants.iter().all(|want| self.names.contains(&want.resource))
            && !is_repeated(&request.wants);
        match entered {
            Ok(()) => assert!(is_legal, "accepted: {request:?}"),
            Err(failure) => {
                assert!(!is_legal, "{failure:?}: {request:?}");
                assert_eq!(failure.kind, FailureKind::Request);
                self.steps.fail(&failure);
                self.leave_sync();
                self.setting.request = SyncRequest::default();
                let entered = self.engine.enter(&self.setting.request, self.moment());
                assert_eq!(entered, Ok(()));
            }
        }
        self.steps.enter(&self.setting.request);
        self.entered = Some(self.now);
    }

    fn count_idle(&mut self, outgoing: &[Outgoing], what: &std::fmt::Arguments<'_>, polled: bool) {
        let requested = self.without_a_step > 0 || !outgoing.is_empty();
        match requested {
            true => self.idle = 0,
            // The host called again although nothing was ready.
            false if polled => {}
            false => self.idle += 1,
        }
        (self.without_a_step, self.tokens) = (0, 0);
        assert!(self.idle < MOST_IDLE, "{what}, again and again");
    }

    fn send(&mut self, outgoing: Vec<Outgoing>) {
        for sent in outgoing {
            let Some(asked) = check_outgoing(&sent) else { continue };
            self.tokens = if asked == Asked::Token { self.tokens + 1 } else { 0 };
            assert!(
                self.tokens <= MOST_TOKENS,
                "token after token, and nothing requested with them"
            );
            (self.without_a_step, self.paced) = (self.without_a_step + 1, 0);
            assert!(self.without_a_step < MOST_WITHOUT_A_STEP, "{asked:?}, for ever");
            if let Asked::Logs { from, .. } = &asked {
                self.log_page.sent(sent.ticket, from);
            }
            self.waiting.push(Waiting {
                ticket: sent.ticket,
                request: sent.request,
                asked,
                deadline: self.now.saturating_add(DEADLINE),
                is_awaited: true,
            });
        }
        let at_once = self.waiting.iter().filter(|waiting| waiting.is_awaited).count();
        assert!(at_once <= MOST_AT_ONCE, "{at_once} requests at once");
    }

    /// Takes a step as a host that stores it with the checkpoint.
    fn take(&mut self, step: &Step) {
        self.taken += 1;
        self.steps.take(step);
        self.check_hidden(step);
        match step {
            Step::Batches(batches) => self.log_page.stored(batches),
            Step::Ended { resource, ending: Ending::Complete } if resource == LOGIN_EVENTS => {
                self.log_page.ended();
            }
            Step::Wait { milliseconds: 0, .. } => {
                let patience = self.setting.request.patience.map(u64::from);
                let passed = self.entered.map(|entered| self.now - entered);
                assert!(patience.is_some() && passed >= patience, "a pause of nothing");
            }
            Step::Wait { milliseconds, cause } => {
                let pause = u64::from(*milliseconds);
                let longest = self.setting.longest_pace;
                assert!(pause <= LONGEST_PAUSE + longest, "{step:?}");
                self.paced = if cause.is_some() { 0 } else { self.paced + pause };
                assert!(self.paced <= longest, "waits {} ms for nothing", self.paced);
            }
            _ => {}
        }
        if !self.is_quiet() || self.taken.is_multiple_of(64) {
            self.check_checkpoint();
        }
    }

    /// Nothing that a person may read holds a secret.
    fn check_hidden(&self, step: &Step) {
        if self.setting.holds_secret {
            return;
        }
        let hides = |text: &str| ![SECRET, TOKEN].into_iter().any(|secret| text.contains(secret));
        match step {
            Step::Batches(batches) => {
                let mut warnings = batches.iter().flat_map(|batch| &batch.warnings);
                assert!(warnings.all(|warning| hides(&warning.message)), "{step:?}");
            }
            step => assert!(hides(&format!("{step:?}")), "{step:?}"),
        }
    }

    fn go_on(&mut self, step: &Step) {
        self.entered = None;
        match step {
            Step::Done => {
                self.leave_sync();
                self.is_over = self.is_quiet();
            }
            // The host calls again when something has arrived.
            Step::Wait { milliseconds: 0, .. } => {
                let (at, arrival) = self.arrival.take().unwrap_or_else(|| self.next_arrival());
                self.now = self.now.max(at);
                self.arrival = Some((self.now, arrival));
                self.collects = true;
            }
            Step::Wait { milliseconds, .. } => {
                self.pass((*milliseconds).into());
                self.collects = true;
                if u64::from(*milliseconds) > LONGEST_WAIT {
                    self.lose_after_step();
                }
            }
            Step::Ended { resource, ending } => self.settle(resource, ending),
            // After a step that is stored, or a sync would never get anywhere.
            Step::Batches(_) => {
                self.batches += 1;
                if self.setting.lost_after > 0
                    && self.batches.is_multiple_of(self.setting.lost_after)
                {
                    self.lose_after_step();
                }
            }
            _ => {}
        }
    }

    /// Where instances are lost again and again, no sync may ever be done, but every
    /// resource is read.
    fn settle(&mut self, resource: &str, ending: &Ending) {
        if self.is_quiet() && !matches!(ending, Ending::Postponed(_)) {
            self.settled.insert(resource.to_owned());
        }
        let wants = &self.setting.request.wants;
        let is_wanted =
            |name: &str| wants.is_empty() || wants.iter().any(|want| want.resource == name);
        let mut wanted = self.names.iter().filter(|name| is_wanted(name));
        let are_settled = wanted.all(|name| self.settled.contains(name));
        self.is_over = self.setting.lost_after > 0 && are_settled;
    }

    fn fail(&mut self, failure: &Failure) {
        self.entered = None;
        self.steps.fail(failure);
        self.leave_sync();
        let is_hidden = ![SECRET, TOKEN].into_iter().any(|secret| failure.message.contains(secret));
        assert!(self.setting.holds_secret || is_hidden, "{failure:?}");
        // As the contract's failure has it: no more than it can hold.
        self.pass(failure.retry_after.unwrap_or(1_000).min(u32::MAX.into()));
        self.check_checkpoint();
        if self.is_quiet() || self.setting.lost_after > 0 {
            self.lose();
        }
    }

    fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.saturating_add(milliseconds);
    }

    /// What is in flight is for a sync that is over.
    fn leave_sync(&mut self) {
        self.waiting.iter_mut().for_each(|waiting| waiting.is_awaited = false);
        self.log_page.leave_sync();
    }

    fn lose_after_step(&mut self) {
        self.check_checkpoint();
        self.lose();
    }

    /// The instance is lost, whatever it was doing; another carries on from the
    /// checkpoint that was stored last.
    fn lose(&mut self) {
        let configured = tenant::engine(&self.setting.configuration, self.stored.as_deref());
        let Ok((engine, _)) = configured else {
            unreachable!("its own checkpoint is refused: {:?}", self.stored)
        };
        self.engine = engine;
        (self.entered, self.collects) = (None, false);
        self.waiting.clear();
        self.log_page.leave_sync();
        self.restore_steps();
    }

    fn restore_steps(&mut self) {
        let state = self.stored.as_deref().map(state_of);
        self.steps.restore(&state.unwrap_or_default());
    }

    /// The checkpoint is stored, and read back as it was; it contains nothing that
    /// it must not, and keeps what is under way.
    fn check_checkpoint(&mut self) -> String {
        let Ok(text) = self.engine.checkpoint() else { unreachable!("no checkpoint") };
        assert!(text.len() <= LARGEST_CHECKPOINT, "a checkpoint of {} bytes", text.len());
        if !self.setting.holds_secret {
            let bytes = unsealed(&text).unwrap_or_default();
            let held = String::from_utf8_lossy(&bytes);
            for hidden in [SECRET, TOKEN, DOMAIN] {
                assert!(!text.contains(hidden) && !held.contains(hidden), "{hidden} in {text}");
            }
        }
        let restored = tenant::engine(&self.setting.configuration, Some(&text));
        let again = restored.map(|(engine, _)| engine.checkpoint());
        assert_eq!(again, Ok(Ok(text.clone())), "not read back as it was");
        if self.read < ROOM_FOR_RUNS {
            self.steps.check_kept(&state_of(&text));
        }
        self.stored = Some(text.clone());
        text
    }

    /// Waits as the component does: for an answer, until an instant at the
    /// latest.
    fn wait(&mut self, until: Option<u64>) {
        let patience = self.setting.request.patience;
        if let (Some(entered), Some(patience)) = (self.entered, patience) {
            let end = entered.saturating_add(patience.into());
            assert!(until.is_some_and(|until| until <= end), "waits past the patience");
        }
        assert!(!self.waiting.is_empty(), "waits for no answer");
        assert!(until.is_none_or(|until| until > self.now), "waits for what is past");
        self.receive(until);
    }

    /// Takes the next answer, or those that arrive together, until an instant at the
    /// latest.
    fn receive(&mut self, until: Option<u64>) {
        loop {
            let (at, mut arrival) = self.arrival.take().unwrap_or_else(|| self.next_arrival());
            // A longer delay is a host that stores for so long: the answer is
            // there when it is back.
            let waits = arrival.delay <= LONGEST_ANSWER;
            if let Some(until) = until.filter(|until| waits && *until < at) {
                // The first of those that arrive together may have arrived later.
                self.now = self.now.max(until);
                self.arrival = Some((at, arrival));
                break;
            }
            self.now = self.now.max(at);
            match arrival.event.take() {
                Some(Event::Interrupted) => {
                    self.arrival = Some((self.now, arrival));
                    return self.lose();
                }
                Some(Event::Requested(requested)) => {
                    self.changed = Some((self.setting.meaning)(requested, &self.names));
                }
                None => {}
            }
            let together = arrival.together;
            self.deliver(&arrival);
            if !together || self.waiting.is_empty() || self.following.is_none() {
                break;
            }
            self.arrival = Some((self.now, self.next_arrival().1));
        }
        self.expire();
    }

    fn next_arrival(&mut self) -> (u64, Arrival<'a>) {
        let next = self.following.take();
        if next.is_some() {
            self.following = self.arrivals.next();
        }
        let arrival = next.unwrap_or_else(|| Arrival::of(Answer::Quiet));
        (self.now.saturating_add(arrival.delay), arrival)
    }

    fn deliver(&mut self, arrival: &Arrival<'_>) {
        let Some(number) = usize::from(arrival.which).checked_rem(self.waiting.len()) else {
            return;
        };
        let waiting = self.waiting.remove(number);
        let wall = self.setting.date.later_by(span(self.now));
        let quiet = self.read > MOST_TO_READ;
        let answer = if quiet { &Answer::Quiet } else { &arrival.answer };
        let path = &waiting.request.path;
        let reply = answers::reply(answer, &waiting.asked, path, wall, &self.last_body);
        if let Reply::Answer(answer) = &reply {
            self.last_body.clone_from(&answer.body);
            self.read += answer.body.len();
        }
        self.log_page.received(waiting.ticket, &reply, &self.types);
        self.engine.receive(waiting.ticket, reply, self.moment());
    }

    fn expire(&mut self) {
        let (now, moment) = (self.now, self.moment());
        for late in self.waiting.extract_if(.., |waiting| waiting.deadline <= now) {
            let what = "no complete answer arrived within 20 s".to_owned();
            self.engine.receive(late.ticket, Reply::Broken(Broken::Connection(what)), moment);
        }
    }
}

fn span(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds).unwrap_or(i64::MAX)
}

fn state_of(text: &str) -> State {
    let state = unsealed(text).and_then(|bytes| State::read(&bytes));
    let Some(state) = state else { unreachable!("of another form than `seal` knows: {text}") };
    state
}

fn is_repeated(wants: &[Want]) -> bool {
    let later = |at: usize| wants.iter().skip(at + 1);
    wants
        .iter()
        .enumerate()
        .any(|(at, want)| later(at).any(|other| other.resource == want.resource))
}

/// The types of log rows that a configuration stores.
fn log_types(configuration: &str) -> Vec<String> {
    use auth0_connector::configuration::Auth0Configuration;
    let read = rawdash_connector_sdk::config::read::<Auth0Configuration>(configuration, &|_| {
        Some(SECRET.to_owned())
    });
    read.map(|read| read.log_types).unwrap_or_default()
}
