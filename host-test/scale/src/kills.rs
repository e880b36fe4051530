//! What is killed when.

/// One of so many kills is one of the engine, and one of the store.
const RARE: usize = 12;

/// One kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kill {
    /// When the tenants have received so many requests.
    pub requests: u64,
    /// What is killed.
    pub victim: Victim,
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// A worker, by its number.
    Worker(usize),
    /// The engine.
    Engine,
    /// The database server.
    Store,
}

/// So many kills during a trial that sends about so many requests. They depend on the
/// progress, and not on the time, so that a slow machine has them at the same points.
pub fn plan(seed: u64, kills: usize, workers: usize, requests: u64) -> Vec<Kill> {
    let mut random = Random(seed);
    let rare = kills.div_ceil(RARE);
    let mut victims: Vec<Victim> = Vec::with_capacity(kills);
    for number in 0..kills {
        victims.push(match number {
            _ if number < rare => Victim::Engine,
            _ if number < 2 * rare => Victim::Store,
            _ => Victim::Worker(random.below(workers)),
        });
    }
    // The last of them before the end, which a trial with more requests reaches too.
    let last = usize::try_from(requests).unwrap_or(usize::MAX) / 10 * 9;
    let at = |victim| {
        let requests = u64::try_from(random.below(last)).unwrap_or(u64::MAX);
        Kill { requests, victim }
    };
    let mut plan: Vec<Kill> = victims.into_iter().map(at).collect();
    plan.sort_by_key(|kill| kill.requests);
    plan
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 16).unwrap_or_default() % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_killed_and_before_a_trial_can_be_over() {
        for (kills, workers) in [(8, 2), (50, 3), (100, 4)] {
            let plan = plan(7, kills, workers, 1_000);
            assert_eq!(plan.len(), kills);
            assert!(plan.is_sorted_by_key(|kill| kill.requests));
            assert!(plan.iter().all(|kill| kill.requests < 900));
            let killed = |victim| plan.iter().any(|kill| kill.victim == victim);
            assert!(killed(Victim::Engine) && killed(Victim::Store), "{plan:?}");
            assert!((0..workers).all(|worker| killed(Victim::Worker(worker))), "{plan:?}");
        }
    }

    #[test]
    fn a_seed_repeats_its_kills_and_another_has_others() {
        assert_eq!(plan(1, 20, 3, 1_000), plan(1, 20, 3, 1_000));
        assert_ne!(plan(1, 20, 3, 1_000), plan(2, 20, 3, 1_000));
    }
}
