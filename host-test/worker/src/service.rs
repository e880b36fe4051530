//! The virtual object that the engine calls, one per tenant. The engine runs one call
//! of `sync` of a tenant at a time, so a tenant has one writer, and its rate limit one
//! user.

use std::sync::Arc;
use std::time::Duration;

use restate_sdk::prelude::*;
use restate_sdk::service::{IntoServiceDefinition, ServiceDefinition};
use serde::{Deserialize, Serialize};

use crate::course::{Course, Next, SyncOutcome};
use crate::outcome::SliceOutcome;
use crate::schedule::{Schedule, ScheduleRequest};
use crate::slice::Slicer;
use crate::tenants::TenantName;

/// The names of what the engine keeps of a tenant.
const UNDER_WAY: &str = "under_way";
const LAST: &str = "last";
const SCHEDULE: &str = "schedule";
/// The number of the last schedule.
const NUMBER: &str = "number";

/// How long a call may stay open without a word. After that the engine lets a sync that
/// waits for the source go, and calls again when the wait is over.
const OPEN: Duration = Duration::from_mins(1);
/// How long after that a slice may still run, or wait for its turn, before the engine
/// gives it up and calls another worker.
const SILENCE: Duration = Duration::from_hours(1);
/// The longest pause between two calls of a worker that does not answer. The engine's
/// own default, a minute, starves a sync whose workers are replaced often.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Attempts in a row: in effect, without end. The engine's default pauses a sync after
/// 70, until a person resumes it.
const ATTEMPTS: u64 = i32::MAX as u64;

/// The tenants, as the engine calls them.
pub(crate) struct Tenant(pub(crate) Arc<Slicer>);

/// The sync under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct UnderWay {
    invocation: String,
    #[serde(flatten)]
    activity: Activity,
}

/// What a sync under way does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "activity", rename_all = "snake_case")]
enum Activity {
    /// It reads, or waits for its turn.
    Reads,
    /// It waits for the source.
    Waits {
        /// Milliseconds.
        milliseconds: u64,
    },
}

/// What `status` returns.
#[derive(Debug, Serialize, Deserialize)]
struct Status {
    /// The sync under way, if there is one.
    under_way: Option<UnderWay>,
    /// What the sync before led to.
    last: Option<SyncOutcome>,
    /// When the next one begins by itself.
    schedule: Option<Schedule>,
}

#[restate_sdk::object(name = "RawdashTenant", client_visibility = "pub(crate)")]
impl Tenant {
    /// Brings every resource of the tenant up to date, and returns what that led to.
    #[handler]
    async fn sync(&self, ctx: ObjectContext<'_>) -> HandlerResult<Json<SyncOutcome>> {
        let tenant = tenant(ctx.key())?;
        Ok(Json(self.bring_up_to_date(&ctx, tenant).await?))
    }

    /// Syncs regularly from now on: `{"every": "1h"}`.
    #[handler]
    async fn schedule(
        &self,
        ctx: ObjectContext<'_>,
        Json(request): Json<ScheduleRequest>,
    ) -> HandlerResult<Json<Schedule>> {
        let tenant = tenant(ctx.key())?;
        let before = ctx.get::<u64>(NUMBER).await?.unwrap_or_default();
        let now = self.now(&ctx).await?;
        let (schedule, first) = request
            .schedule(&tenant, before, now)
            .map_err(|problem| TerminalError::new_with_code(400, problem))?;
        ctx.set(NUMBER, schedule.number);
        ctx.set(SCHEDULE, Json(schedule.clone()));
        tick_after(&ctx, &schedule, first);
        Ok(Json(schedule))
    }

    /// Ends the schedule. A sync under way continues; `cancel` ends it.
    #[handler]
    async fn unschedule(&self, ctx: ObjectContext<'_>) -> HandlerResult<()> {
        ctx.clear(SCHEDULE);
        Ok(())
    }

    /// One sync of a schedule. The engine calls it.
    #[handler(ingress_private)]
    async fn tick(&self, ctx: ObjectContext<'_>, number: u64) -> HandlerResult<()> {
        let schedule = ctx.get::<Json<Schedule>>(SCHEDULE).await?.map(Json::into_inner);
        let Some(schedule) = schedule.filter(|schedule| schedule.number == number) else {
            return Ok(());
        };
        // Before the sync, so that no end of it ends the schedule.
        let (schedule, every) = schedule.again(self.now(&ctx).await?);
        ctx.set(SCHEDULE, Json(schedule.clone()));
        tick_after(&ctx, &schedule, every);
        let tenant = tenant(ctx.key())?;
        self.bring_up_to_date(&ctx, tenant).await?;
        Ok(())
    }

    /// Ends the sync under way, after its slice. Returns whether there was one.
    #[handler]
    async fn cancel(&self, ctx: SharedObjectContext<'_>) -> HandlerResult<bool> {
        let Some(Json(under_way)) = ctx.get::<Json<UnderWay>>(UNDER_WAY).await? else {
            return Ok(false);
        };
        ctx.invocation_handle(under_way.invocation).cancel();
        Ok(true)
    }

    /// What the tenant's syncs do.
    #[handler]
    async fn status(&self, ctx: SharedObjectContext<'_>) -> HandlerResult<Json<Status>> {
        Ok(Json(Status {
            under_way: ctx.get::<Json<UnderWay>>(UNDER_WAY).await?.map(Json::into_inner),
            last: ctx.get::<Json<SyncOutcome>>(LAST).await?.map(Json::into_inner),
            schedule: ctx.get::<Json<Schedule>>(SCHEDULE).await?.map(Json::into_inner),
        }))
    }
}

impl Tenant {
    /// The object as the engine is to call it, whatever the engine's own defaults are.
    pub(crate) fn definition(self) -> ServiceDefinition {
        let options = ServiceOptions::new()
            .inactivity_timeout(OPEN)
            .abort_timeout(SILENCE)
            .retry_policy_initial_interval(FIRST_PAUSE)
            .retry_policy_exponentiation_factor(2.0)
            .retry_policy_max_interval(LONGEST_PAUSE)
            .retry_policy_max_attempts(ATTEMPTS)
            .retry_policy_pause_on_max_attempts();
        self.into_service_definition().options(options)
    }

    async fn bring_up_to_date(
        &self,
        ctx: &ObjectContext<'_>,
        tenant: TenantName,
    ) -> Result<SyncOutcome, TerminalError> {
        let mut course = Course::default();
        let ended = self.slices(ctx, &tenant, &mut course).await;
        let last = ended.as_ref().map_or_else(|_| course.cancelled(), SyncOutcome::clone);
        ctx.set(LAST, Json(last));
        ctx.clear(UNDER_WAY);
        ended
    }

    /// Slice after slice until the sync has ended.
    ///
    /// # Errors
    /// When it is cancelled.
    async fn slices(
        &self,
        ctx: &ObjectContext<'_>,
        tenant: &TenantName,
        course: &mut Course,
    ) -> Result<SyncOutcome, TerminalError> {
        under_way(ctx, Activity::Reads);
        loop {
            match course.after(self.slice(ctx, tenant, course).await?) {
                Next::Slice => {}
                Next::Wait(span) => {
                    let milliseconds = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
                    under_way(ctx, Activity::Waits { milliseconds });
                    ctx.sleep(span).await?;
                    under_way(ctx, Activity::Reads);
                }
                Next::End(outcome) => return Ok(outcome),
            }
        }
    }

    /// One slice, which the engine records.
    async fn slice(
        &self,
        ctx: &ObjectContext<'_>,
        tenant: &TenantName,
        course: &Course,
    ) -> Result<SliceOutcome, TerminalError> {
        let slicer = self.0.clone();
        let (tenant, left) = (tenant.clone(), course.left());
        // The same in every attempt.
        let sync = ctx.invocation_id().to_owned();
        let slice = move || async move {
            let outcome = slicer.slice(&tenant, &sync, left).await;
            let outcome = outcome.map_err(|repeat| repeat.0)?;
            Ok(Json(outcome))
        };
        Ok(ctx.run(slice).name("slice").await?.into_inner())
    }

    /// The time, in Unix milliseconds, which the engine records.
    async fn now(&self, ctx: &ObjectContext<'_>) -> Result<i64, TerminalError> {
        let slicer = self.0.clone();
        ctx.run(move || async move { Ok(slicer.now()) }).name("now").await
    }
}

fn under_way(ctx: &ObjectContext<'_>, activity: Activity) {
    let invocation = ctx.invocation_id().to_owned();
    ctx.set(UNDER_WAY, Json(UnderWay { invocation, activity }));
}

fn tick_after(ctx: &ObjectContext<'_>, schedule: &Schedule, delay: Duration) {
    // Not awaited: the engine has it once it has the call's journal.
    let _ = ctx.object_client::<TenantClient>(ctx.key()).tick(schedule.number).send_after(delay);
}

/// # Errors
/// When the key cannot be a tenant's name.
fn tenant(key: &str) -> Result<TenantName, TerminalError> {
    key.parse().map_err(|problem: String| TerminalError::new_with_code(400, problem))
}
