//! Objects member by member, and arrays of them.

use crate::names::Names;
use crate::order::Order;
use crate::raw::Raw;
use crate::scan::Scan;

/// Hands on the members of an object; `None` where the text is not an object. What
/// was handed on until then is to be forgotten.
pub fn members<'a>(text: &'a str, take: &mut dyn FnMut(&str, Raw<'a>)) -> Option<()> {
    let mut scan = Scan::new(text);
    let mut more = scan.begin_object()?;
    while more {
        let (name, value) = (scan.name()?, scan.value()?);
        take(&scan.raw(name)?.string()?, scan.raw(value)?);
        more = scan.next_member()?;
    }
    scan.end()
}

/// The values of these members of an object, the last of a repeated one; `None`
/// where the text is not an object.
pub fn row<'a>(text: &'a str, names: &[&str]) -> Option<Vec<Option<Raw<'a>>>> {
    let names = Names::of(names);
    let mut values = vec![None; names.count()];
    let mut scan = Scan::new(text);
    wanted(&mut scan, &names, &mut Order::default(), &mut values)?;
    scan.end()?;
    Some(values)
}

/// A member of an object, the last where it is repeated; `None` where the value is
/// not an object.
pub fn member<'a>(object: Raw<'a>, name: &str) -> Option<Option<Raw<'a>>> {
    let mut found = None;
    members(object.get(), &mut |other, value| {
        if other == name {
            found = Some(value);
        }
    })?;
    Some(found)
}

/// The first item of an array, if it has one; `None` where the value is not an array.
pub fn first(array: Raw<'_>) -> Option<Option<Raw<'_>>> {
    let mut scan = Scan::new(array.get());
    if !scan.begin_array()? {
        return Some(None);
    }
    let item = scan.value()?;
    scan.raw(item).map(Some)
}

/// The items of an array, the first `most` of them; `None` where the text is not
/// an array.
pub fn items(text: &str, most: usize) -> Option<Vec<Raw<'_>>> {
    let mut scan = Scan::new(text);
    let mut items = Vec::new();
    let mut more = scan.begin_array()?;
    while more {
        let item = scan.value()?;
        if items.len() < most {
            items.push(scan.raw(item)?);
        }
        more = scan.next_item()?;
    }
    scan.end()?;
    Some(items)
}

/// The rows of a page: of each item of an array, the values of the members that
/// are wanted.
#[derive(Debug)]
pub struct Rows<'a> {
    width: usize,
    values: Vec<Option<Raw<'a>>>,
    /// Whether each item is an object.
    are_objects: Vec<bool>,
}

impl<'a> Rows<'a> {
    /// Reads the first `most` items of an array; `None` where the text is not one.
    pub fn read(text: &'a str, names: &[&str], most: usize) -> Option<Rows<'a>> {
        let mut scan = Scan::new(text);
        let rows = Rows::scan(&mut scan, names, most)?;
        scan.end()?;
        Some(rows)
    }

    /// Reads an object that holds such an array in its member `list`, and the values
    /// of these other members; `None` where the text is not that.
    pub fn read_within(
        text: &'a str,
        list: &str,
        names: &[&str],
        most: usize,
        others: &[&str],
    ) -> Option<(Rows<'a>, Vec<Option<Raw<'a>>>)> {
        let mut scan = Scan::new(text);
        let (mut rows, mut values) = (None, vec![None; others.len()]);
        let mut more = scan.begin_object()?;
        while more {
            let name = scan.name()?;
            let name = scan.raw(name)?.string()?;
            if *name == *list {
                // The last of a repeated member counts, which another need not be.
                let begin = scan.place();
                rows = Rows::scan(&mut scan, names, most);
                if rows.is_none() {
                    scan.go_back(begin);
                    scan.value()?;
                }
            } else {
                let value = scan.value()?;
                let other = others.iter().zip(&mut values).find(|(other, _)| **other == &*name);
                if let Some((_, kept)) = other {
                    *kept = Some(scan.raw(value)?);
                }
            }
            more = scan.next_member()?;
        }
        scan.end()?;
        Some((rows?, values))
    }

    fn scan(scan: &mut Scan<'a>, names: &[&str], most: usize) -> Option<Rows<'a>> {
        let names = Names::of(names);
        let mut rows = Rows { width: names.count(), values: Vec::new(), are_objects: Vec::new() };
        let mut order = Order::default();
        let mut more = scan.begin_array()?;
        while more {
            if rows.are_objects.len() < most {
                rows.take(scan, &names, &mut order)?;
            } else {
                scan.value()?;
            }
            more = scan.next_item()?;
        }
        Some(rows)
    }

    /// Each item in its order: its values, in the order of the names; `None` where
    /// it is not an object.
    pub fn iter(&self) -> impl Iterator<Item = Option<&[Option<Raw<'a>>]>> {
        self.are_objects.iter().enumerate().map(|(at, is_object)| {
            let from = at * self.width;
            self.values.get(from..from + self.width).filter(|_| *is_object)
        })
    }

    #[inline(always)]
    fn take(&mut self, scan: &mut Scan<'a>, names: &Names<'_>, order: &mut Order) -> Option<()> {
        let (begin, from) = (scan.place(), self.values.len());
        self.values.resize(from + self.width, None);
        let values = self.values.get_mut(from..)?;
        let is_object = wanted(scan, names, order, values);
        if is_object.is_none() {
            // Another value; or an object with a name that is not a text.
            scan.go_back(begin);
            scan.value()?;
        }
        self.are_objects.push(is_object.is_some());
        Some(())
    }
}

/// Takes the values of the wanted members of an object.
#[inline(always)]
fn wanted<'a>(
    scan: &mut Scan<'a>,
    names: &Names<'_>,
    order: &mut Order,
    values: &mut [Option<Raw<'a>>],
) -> Option<()> {
    order.begin();
    let mut more = scan.begin_object()?;
    while more {
        let place = match order.follow(scan.rest()) {
            Some((length, place)) => {
                scan.pass(length);
                place
            }
            None => new_name(scan, names, order)?,
        };
        let value = scan.value()?;
        if let Some(kept) = place.and_then(|place| values.get_mut(place)) {
            *kept = Some(scan.raw(value)?);
        }
        more = scan.next_member()?;
    }
    Some(())
}

/// The place of a name that is not where it was expected.
#[inline(never)]
fn new_name(scan: &mut Scan<'_>, names: &Names<'_>, order: &mut Order) -> Option<Option<usize>> {
    let begin = scan.place();
    let name = scan.name()?;
    let Some((from, to)) = scan.plain(name) else {
        let name = scan.raw(name)?.string()?;
        return Some(names.place(name.as_bytes(), 0, name.len()));
    };
    let place = names.place(scan.bytes(), from, to);
    order.learn(scan.bytes().get(begin..scan.place())?, place);
    Some(place)
}
