//! In which order the tokens of a pass stand, which need not be the one they are stored in.

/// New tokens after `before` earlier ones: one text, or several that go on from the same beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    before: usize,
    /// Of each new token its position in its own text.
    positions: Vec<usize>,
    /// Of each new token the text that it belongs to; 0 belongs to all.
    branches: Vec<usize>,
}

impl Order {
    /// One text of `length` new tokens.
    pub fn line(before: usize, length: usize) -> Self {
        let positions = (before..before + length).collect();
        Self { before, positions, branches: vec![0; length] }
    }

    /// A beginning of `shared` tokens, and then the rests of several texts, one after the other. None
    /// sees another's.
    pub fn branches(shared: usize, rests: &[usize]) -> Self {
        let mut order = Self::line(0, shared);
        for (branch, rest) in rests.iter().enumerate() {
            order.positions.extend(shared..shared + rest);
            order.branches.extend((0..*rest).map(|_| branch + 1));
        }
        order
    }

    /// Number of new tokens.
    pub fn length(&self) -> usize {
        self.positions.len()
    }

    /// Number of earlier tokens.
    pub fn before(&self) -> usize {
        self.before
    }

    /// Number of tokens, earlier ones included.
    pub fn total(&self) -> usize {
        self.before + self.length()
    }

    /// The positions of the new tokens.
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// How far ahead of all the tokens the last one stands, counted in tokens.
    pub fn reach(&self) -> usize {
        self.positions.iter().max().map_or(self.before, |last| last + 1)
    }

    /// Whether the token of index `query` sees that of index `key`, at most `window` tokens back,
    /// itself counted. Earlier tokens are counted in both.
    pub fn sees(&self, query: usize, key: usize, window: Option<usize>) -> bool {
        let ((text, at), (other, from)) = (self.place(query), self.place(key));
        let near = window.is_none_or(|window| at < from.saturating_add(window));
        (other == 0 || other == text) && from <= at && near
    }

    /// The text that a token belongs to, and its position in it.
    fn place(&self, index: usize) -> (usize, usize) {
        let new = index.checked_sub(self.before);
        let place = new.and_then(|new| Some((*self.branches.get(new)?, *self.positions.get(new)?)));
        place.unwrap_or((0, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_sees_itself_and_what_is_before_it() {
        let order = Order::line(2, 3);
        assert_eq!((order.length(), order.total(), order.reach()), (3, 5, 5));
        assert_eq!(order.positions(), [2, 3, 4]);
        let seen = |query, window| (0..5).filter(|&key| order.sees(query, key, window)).collect();
        let all: Vec<usize> = seen(3, None);
        assert_eq!(all, [0, 1, 2, 3]);
        let near: Vec<usize> = seen(3, Some(2));
        assert_eq!(near, [2, 3]);
    }

    #[test]
    fn a_branch_sees_the_beginning_and_itself() {
        let order = Order::branches(2, &[1, 2]);
        assert_eq!((order.length(), order.reach()), (5, 4));
        assert_eq!(order.positions(), [0, 1, 2, 2, 3]);
        let seen = |query, window| (0..5).filter(|&key| order.sees(query, key, window)).collect();
        let first: Vec<usize> = seen(2, None);
        let second: Vec<usize> = seen(4, None);
        assert_eq!((first, second), (vec![0, 1, 2], vec![0, 1, 3, 4]));
        let near: Vec<usize> = seen(3, Some(2));
        assert_eq!(near, [1, 3]);
        let beginning: Vec<usize> = seen(1, None);
        assert_eq!(beginning, [0, 1]);
    }
}
