//! Names of members that are looked for.

/// The names of the members that are wanted, to be found by what stands in a text.
pub(crate) struct Names<'n> {
    names: Vec<Name<'n>>,
    /// By hash, the place of a name. Names with the same hash stand in the following
    /// slots. At least three of four are free.
    slots: Vec<Option<u32>>,
}

struct Name<'n> {
    head: u64,
    whole: &'n [u8],
}

/// Bytes of a head.
const HEAD: usize = size_of::<u64>();

impl<'n> Names<'n> {
    /// These names.
    pub(crate) fn of(names: &[&'n str]) -> Names<'n> {
        let name = |name: &&'n str| Name {
            head: head(name.as_bytes(), 0, name.len()),
            whole: name.as_bytes(),
        };
        let names: Vec<_> = names.iter().map(name).collect();
        let mut slots = vec![None; (4 * names.len() + 1).next_power_of_two()];
        for (place, name) in (0..).zip(&names) {
            let free = probe(name.head, slots.len()).find(|slot| slots.get(*slot) == Some(&None));
            if let Some(slot) = free.and_then(|slot| slots.get_mut(slot)) {
                *slot = Some(place);
            }
        }
        Names { names, slots }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }

    /// The place of the name that stands in this part of a text.
    #[inline(always)]
    pub(crate) fn place(&self, text: &[u8], from: usize, to: usize) -> Option<usize> {
        let length = to - from;
        let sought = head(text, from, length);
        for slot in probe(sought, self.slots.len()) {
            let place = (*self.slots.get(slot)?)? as usize;
            let name = self.names.get(place)?;
            let has_head = name.head == sought && name.whole.len() == length;
            if has_head && (length <= HEAD || text.get(from..to) == Some(name.whole)) {
                return Some(place);
            }
        }
        None
    }
}

/// The slots in which a name may be, in their order; their number is a power of two.
#[inline(always)]
fn probe(head: u64, slots: usize) -> impl Iterator<Item = usize> {
    // The golden ratio spreads heads that differ in few bits, upwards.
    let hash = (head.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize;
    (0..slots).map(move |step| (hash + step) & (slots - 1))
}

/// The first eight bytes of a name, or all of a shorter one: most names differ in
/// these.
#[inline(always)]
fn head(text: &[u8], from: usize, length: usize) -> u64 {
    let rest = text.get(from..).unwrap_or_default();
    let unused = (HEAD - length.min(HEAD)) * 8;
    match rest.first_chunk() {
        Some(chunk) if unused < HEAD * 8 => u64::from_le_bytes(*chunk) << unused,
        _ => rest.iter().take(length).fold(0, |head, byte| head >> 8 | u64::from(*byte) << 56),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(names: &Names<'_>, name: &str) -> Option<usize> {
        // Within a text, and at its very end.
        let within = format!("{{\"{name}\":\"and more\"}}");
        let place = names.place(within.as_bytes(), 2, 2 + name.len());
        assert_eq!(names.place(name.as_bytes(), 0, name.len()), place);
        place
    }

    #[test]
    fn a_name_is_found_at_its_place_and_no_other_is() {
        let all = ["a", "", "date", "dote", "log_id12", "log_id123", "log_id124", "l0g_id124", "é"];
        let names = Names::of(&all);
        for (wanted, name) in all.iter().enumerate() {
            assert_eq!(place(&names, name), Some(wanted));
        }
        for other in ["b", "\0", "a\0", "dat", "dute", "log_id1", "log_id12\0", "log_id12345"] {
            assert_eq!(place(&names, other), None, "{other:?}");
        }
    }

    #[test]
    fn many_names_are_found_too() {
        let all: Vec<_> = (0..1_000).map(|number| format!("{number:03}name")).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let names = Names::of(&all);
        for (wanted, name) in all.iter().enumerate() {
            assert_eq!(place(&names, name), Some(wanted));
        }
        assert_eq!(place(&names, "999nam"), None);
    }
}
