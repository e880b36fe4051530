//! Parents whose children are requested one by one.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The children that a run has still to read: a few under way, each on a lane of
/// its own, and the others waiting.
///
/// A child leaves when its own reply is read, whatever happens to the requests
/// beside it: a rate limit that is reached in the middle of a hundred children
/// costs none of the replies before it. A child keeps its lane until then, and a
/// checkpoint holds it, so that a resumed run requests the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Children<Child> {
    under_way: Vec<Option<Child>>,
    waiting: VecDeque<Child>,
}

impl<Child> Children<Child> {
    /// No children yet; at most so many are requested at once.
    pub fn at_once(lanes: usize) -> Children<Child> {
        Children { under_way: (0..lanes.max(1)).map(|_| None).collect(), waiting: VecDeque::new() }
    }

    /// Adds the children of a page of parents.
    pub fn extend(&mut self, children: impl IntoIterator<Item = Child>) {
        self.waiting.extend(children);
        self.fill();
    }

    /// Whether so few are waiting that another page of parents should be read:
    /// no more than are requested at once. So the state stays small.
    pub fn are_few(&self) -> bool {
        self.waiting.len() <= self.under_way.len()
    }

    /// Whether every child was read.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.under_way.iter().all(Option::is_none)
    }

    /// The children to request, each with its lane, counted from 0.
    pub fn under_way(&self) -> impl Iterator<Item = (usize, &Child)> {
        self.under_way.iter().enumerate().filter_map(|(lane, child)| Some((lane, child.as_ref()?)))
    }

    /// The child on a lane.
    pub fn on(&mut self, lane: usize) -> Option<&mut Child> {
        self.under_way.get_mut(lane)?.as_mut()
    }

    /// The child on a lane was read: the next one takes its place.
    pub fn finish(&mut self, lane: usize) -> Option<Child> {
        let child = self.under_way.get_mut(lane)?.take();
        self.fill();
        child
    }

    /// The same, if nothing of it is left to read.
    pub fn finish_if(
        &mut self,
        lane: usize,
        is_read: impl FnOnce(&Child) -> bool,
    ) -> Option<Child> {
        let read = self.on(lane).is_some_and(|child| is_read(child));
        if read { self.finish(lane) } else { None }
    }

    fn fill(&mut self) {
        for free in self.under_way.iter_mut().filter(|child| child.is_none()) {
            *free = self.waiting.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_has_to_wait_keeps_its_lane_while_others_are_read() {
        let mut children = Children::at_once(2);
        children.extend(["a", "b", "c", "d"]);
        assert!(children.are_few());
        assert_eq!(children.finish(1), Some("b"));
        assert_eq!(children.under_way().collect::<Vec<_>>(), [(0, &"a"), (1, &"c")]);
        assert_eq!(children.finish(1), Some("c"));
        assert_eq!(children.finish(1), Some("d"));
        assert_eq!(children.finish(1), None, "a reply that arrives twice finishes nothing else");
        assert_eq!(children.under_way().collect::<Vec<_>>(), [(0, &"a")]);
        assert!(!children.is_empty());
        assert_eq!(children.finish(0), Some("a"));
        assert!(children.is_empty());
    }
}
