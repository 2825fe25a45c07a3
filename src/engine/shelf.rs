//! The models that are kept in memory.

/// How many models are held besides each other: the three that a lesson compares, and the learner's
/// own.
const CAPACITY: usize = 4;

/// At most four things by name. The one unused for longest makes room, but what cannot be fetched
/// again (a learner's own file) goes last.
#[derive(Debug)]
pub struct Shelf<T> {
    /// The most recently used one is last.
    items: Vec<Item<T>>,
}

#[derive(Debug)]
struct Item<T> {
    name: String,
    value: T,
    irreplaceable: bool,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> Shelf<T> {
    /// The thing of that name, which now counts as used.
    pub fn take_down(&mut self, name: &str) -> Option<&T> {
        let index = self.items.iter().position(|item| item.name == name)?;
        let item = self.items.remove(index);
        self.items.push(item);
        self.items.last().map(|item| &item.value)
    }

    /// Makes room for one more, before it is unpacked: two models and a third one at once could be
    /// too much.
    pub fn make_room(&mut self, name: &str) {
        self.items.retain(|item| item.name != name);
        while self.items.len() >= CAPACITY {
            let index = self.items.iter().position(|item| !item.irreplaceable).unwrap_or(0);
            self.items.remove(index);
        }
    }

    /// Removes the thing of that name, if it is there.
    pub fn remove(&mut self, name: &str) {
        self.items.retain(|item| item.name != name);
    }

    /// Removes what is of no use any more.
    pub fn keep_only(&mut self, is_of_use: impl Fn(&T) -> bool) {
        self.items.retain(|item| is_of_use(&item.value));
    }

    /// Puts a thing up, in place of one of the same name.
    pub fn put_up(&mut self, name: impl Into<String>, value: T, irreplaceable: bool) {
        let name = name.into();
        self.make_room(&name);
        self.items.push(Item { name, value, irreplaceable });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_makes_room() {
        let mut shelf = Shelf::default();
        for (value, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
            shelf.put_up(name, value, false);
        }
        assert_eq!(shelf.take_down("a"), Some(&0));
        shelf.put_up("e", 4, false);
        assert_eq!(shelf.take_down("b"), None);
        for (name, value) in [("a", 0), ("c", 2), ("d", 3), ("e", 4)] {
            assert_eq!(shelf.take_down(name), Some(&value));
        }
    }

    #[test]
    fn the_own_file_stays() {
        let mut shelf = Shelf::default();
        shelf.put_up("own", 1, true);
        for (value, name) in ["b", "c", "d", "e"].into_iter().enumerate() {
            shelf.put_up(name, value, false);
        }
        assert_eq!(shelf.take_down("own"), Some(&1));
        assert_eq!(shelf.take_down("b"), None);
    }

    #[test]
    fn a_name_is_there_once() {
        let mut shelf = Shelf::default();
        shelf.put_up("own", 1, true);
        shelf.put_up("own", 2, true);
        assert_eq!(shelf.take_down("own"), Some(&2));
        assert_eq!(shelf.items.len(), 1);
        shelf.remove("own");
        assert_eq!(shelf.take_down("own"), None);
    }
}
