//! A small connector, and the source that it reads: goods, read whole in two
//! lanes, and a feed, which nominates goods that are gone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::authentication::{AccessToken, Authentication, TokenAnswer};
use crate::config::{Issue, Secret, Secrets};
use crate::connector::{Connector, Verdict};
use crate::contract::batch::{Effect, Publication, Warning};
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::manifest::{Documentation, Identity, ResourceInfo, Shape};
use crate::contract::records::{Entity, Event, Records};
use crate::contract::step::RunMode;
use crate::http::reply::Answer;
use crate::http::request::Request;
use crate::resource::{
    Begin, Cause, Context, Given, Lane, Listed, PageOutcome, Received, Resource, View, listed,
};
use crate::time::timestamp::Timestamp;

pub(super) const GOODS: &str = "goods";
pub(super) const FEED: &str = "feed";
pub(super) const COUNTS: &str = "counts";

pub(super) struct Shop;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Shared {
    nominated: Vec<u32>,
}

impl Connector for Shop {
    type Shared = Shared;

    fn identity() -> Identity {
        Identity {
            id: "shop",
            name: "Shop",
            version: "0",
            description: "A shop.",
            origins: Vec::new(),
            configuration_schema: String::new(),
            documentation: Documentation::default(),
            user_agent: "shop",
        }
    }

    fn resources() -> Vec<Listed<Shop>> {
        vec![listed(Goods), listed(Feed(FEED)), listed(Feed(COUNTS))]
    }

    fn configure(_: &str, _: Secrets<'_>) -> Result<Shop, Vec<Issue>> {
        Ok(Shop)
    }

    fn host(&self) -> &str {
        "shop.example"
    }

    fn authentication(&mut self) -> &mut dyn Authentication {
        self
    }

    fn judge(&self, _: &ResourceInfo, _: &Request, answer: &Answer) -> Verdict {
        let refused = |kind| Failure::new(kind, "refused");
        match answer.head.status {
            200..300 => Verdict::Granted,
            401 => Verdict::TokenRefused(refused(FailureKind::Authentication)),
            403 => Verdict::Refused(refused(FailureKind::Permission)),
            404 => Verdict::Refused(refused(FailureKind::Upstream)),
            418 => Verdict::Fatal(refused(FailureKind::Misdirected)),
            429 => Verdict::Limited,
            status => Verdict::Transient(format!("the shop answered with status {status}")),
        }
    }
}

impl Authentication for Shop {
    fn token_request(&self) -> Option<Request> {
        Some(Request::post("/token", "text/plain", Vec::new()))
    }

    fn read_token(&mut self, answer: &Answer) -> TokenAnswer {
        let (token, rotated) = match answer.body.split_once(' ') {
            Some((token, secret)) => (token, Some(Secret::new("SECRET", secret))),
            None => (answer.body.as_str(), None),
        };
        match (answer.head.status, AccessToken::new(token.to_owned())) {
            (200, Some(token)) => TokenAnswer::Granted { token, life: 3_600_000, rotated },
            (429, _) => TokenAnswer::Limited,
            (401, _) => {
                TokenAnswer::Failed(Failure::new(FailureKind::Authentication, "wrong secret"))
            }
            (status, _) => TokenAnswer::Transient(format!("status {status}")),
        }
    }

    fn authorize(&self, request: &mut Request, token: Option<&AccessToken>) {
        let token = token.map_or("none", AccessToken::reveal).to_owned();
        request.headers.push(("authorization".to_owned(), token));
    }
}

/// The numbers of a page, and whether it is the last.
fn numbers(body: &str) -> Option<(Vec<u32>, bool)> {
    let (rows, last) = body.split_once(';')?;
    let rows = rows.split(' ').filter(|row| !row.is_empty());
    let rows = rows.map(|row| row.parse().ok()).collect::<Option<_>>()?;
    Some((rows, last == "last"))
}

fn entity(number: u32) -> Entity {
    let (id, attributes) = (number.to_string(), "{}".to_owned());
    Entity { id, updated_at: Timestamp::EPOCH, attributes }
}

/// Read whole, odd and even pages in lanes of their own; then what was nominated.
struct Goods;

#[derive(Serialize, Deserialize)]
pub(super) struct GoodsRun {
    generation: Option<u64>,
    left: Vec<(Lane, u32)>,
}

impl Resource for Goods {
    type Connector = Shop;
    type State = ();
    type Run = GoodsRun;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new(GOODS, Shape::Entity, "GET /goods", "Goods.")
    }

    fn probe(&self, _: &Shop, _: Timestamp) -> Request {
        Request::get("/goods?0")
    }

    fn has_work(&self, (): &(), shared: &Shared) -> bool {
        !shared.nominated.is_empty()
    }

    fn begin(&self, _: &Shop, (): &mut (), _: &mut Shared, begin: &Begin) -> GoodsRun {
        match begin.mode {
            RunMode::Full => {
                GoodsRun { generation: Some(begin.generation), left: vec![(0, 0), (1, 1)] }
            }
            RunMode::Latest => GoodsRun { generation: None, left: Vec::new() },
        }
    }

    fn requests(&self, view: View<'_, Goods>) -> Vec<(Lane, Request)> {
        let pages = view.run.left.iter();
        let mut requests: Vec<_> =
            pages.map(|(lane, page)| (*lane, Request::get(format!("/goods?{page}")))).collect();
        if let (true, Some(id)) = (requests.is_empty(), view.shared.nominated.first()) {
            let request = Request::get(format!("/good?{id}")).about(id.to_string());
            requests.push((2, request));
        }
        requests
    }

    fn receive(
        &self,
        context: Context<'_, Goods>,
        lane: Lane,
        request: &Request,
        given: Given<'_>,
    ) -> Received {
        if let Ok(id) = request.subject.parse::<u32>() {
            return look_up(context, id, given);
        }
        let Some((rows, last)) = given.granted().and_then(|answer| numbers(&answer.body)) else {
            return given.otherwise();
        };
        let Some(at) = context.run.left.iter().position(|(of, _)| *of == lane) else {
            return Received::Again;
        };
        match last {
            true => drop(context.run.left.remove(at)),
            false => context.run.left[at].1 += 2,
        }
        let generation = context.run.generation.unwrap_or_default();
        let effect = match context.run.left.is_empty() {
            true => Effect::Publish(Publication { generation, scope: None, empty_is_true: true }),
            false => Effect::Stage(generation),
        };
        let rows = rows.into_iter().map(entity).collect();
        Received::Page(PageOutcome::of(Records::Entities(rows), effect))
    }
}

fn look_up(context: Context<'_, Goods>, id: u32, given: Given<'_>) -> Received {
    let records = match given {
        Given::Granted(_) => Records::Entities(vec![entity(id)]),
        Given::Refused(failure) if failure.status == Some(404) => {
            Records::Removals(vec![id.to_string()])
        }
        _ => return given.otherwise(),
    };
    context.shared.nominated.retain(|nominated| *nominated != id);
    Received::Page(PageOutcome::of(records, Effect::Merge))
}

/// Goes on from its position. A number of a thousand or more nominates a good.
struct Feed(&'static str);

impl Resource for Feed {
    type Connector = Shop;
    type State = u32;
    /// Rows a page; none when the feed was read to its end.
    type Run = Option<u32>;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new(self.0, Shape::Event, "GET /feed", "What happens.")
    }

    fn probe(&self, _: &Shop, _: Timestamp) -> Request {
        Request::get(format!("/{}?0&1", self.0))
    }

    fn gives_way(&self) -> u64 {
        4
    }

    fn begin(&self, _: &Shop, _: &mut u32, _: &mut Shared, _: &Begin) -> Option<u32> {
        Some(4)
    }

    fn requests(&self, view: View<'_, Feed>) -> Vec<(Lane, Request)> {
        let rows = view.run.iter();
        rows.map(|rows| (0, Request::get(format!("/{}?{}&{rows}", self.0, view.state)))).collect()
    }

    fn receive(
        &self,
        context: Context<'_, Feed>,
        _: Lane,
        _: &Request,
        given: Given<'_>,
    ) -> Received {
        if let Given::Exhausted { trouble, .. } = given
            && trouble.cause == Cause::Unreadable
        {
            *context.state += 1;
            let warning = Warning::new("row-unreadable", "A row was skipped.");
            return Received::Page(PageOutcome::warning(warning));
        }
        let Some((rows, last)) = given.granted().and_then(|answer| numbers(&answer.body)) else {
            let smaller = context.run.filter(|rows| *rows > 1 && given.granted().is_some());
            let Some(rows) = smaller else { return given.otherwise() };
            *context.run = Some(rows / 2);
            return Received::Again;
        };
        *context.state += rows.len() as u32;
        *context.run = (!last).then_some(4);
        for number in rows.iter().filter(|number| **number >= 1000) {
            context.shared.nominated.push(number % 1000);
        }
        let event = |number: u32| Event {
            id: number.to_string(),
            start: Timestamp::EPOCH,
            end: None,
            attributes: "{}".to_owned(),
        };
        let events = rows.into_iter().map(event).collect();
        Received::Page(PageOutcome::of(Records::Events(events), Effect::Merge))
    }
}

/// What the shop has: the source of every answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    pub(super) goods: BTreeSet<u32>,
    pub(super) feed: Vec<u32>,
    pub(super) counts: Vec<u32>,
}

impl Stock {
    pub(super) fn new(goods: u32, feed: u32, counts: u32) -> Stock {
        Stock {
            goods: (0..goods).collect(),
            feed: (0..feed).collect(),
            counts: (0..counts).collect(),
        }
    }

    /// Status and body of the answer to a request.
    pub(super) fn answer(&self, path: &str) -> (u16, String) {
        let (name, query) = path.split_once('?').unwrap_or((path, ""));
        let number = |text: &str| text.parse::<usize>().unwrap();
        let body = |rows: &[u32], last: bool| {
            let rows: Vec<_> = rows.iter().map(u32::to_string).collect();
            format!("{};{}", rows.join(" "), if last { "last" } else { "" })
        };
        match name {
            "/token" => (200, "token".to_owned()),
            "/good" => match self.goods.contains(&(number(query) as u32)) {
                true => (200, String::new()),
                false => (404, String::new()),
            },
            "/goods" => {
                let first = number(query) as u32 * 3;
                let rows: Vec<u32> = self.goods.range(first..first + 3).copied().collect();
                (200, body(&rows, self.goods.range(first + 6..).next().is_none()))
            }
            _ => {
                let rows = if name == "/feed" { &self.feed } else { &self.counts };
                let (position, most) = query.split_once('&').unwrap();
                let rest = rows.get(number(position)..).unwrap_or_default();
                let page = &rest[..rest.len().min(number(most))];
                (200, body(page, page.len() == rest.len()))
            }
        }
    }
}
