//! A column of one kind of cell while a program is being compiled: the same in every row, or a node of the code that
//! gives one a row. Most masks ("is it known?") are the same in every row; then they cost nothing when the code runs.

/// A step of the code; its result has one cell for each row of its base entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cells<T> {
    Same(T),
    Rows(Node),
}

pub(crate) type Mask = Cells<bool>;
/// Fault and hint bits.
pub(crate) type Bits = Cells<u8>;
pub(crate) type Labels = Cells<u16>;
pub(crate) type Ints = Cells<i64>;

impl<T> Cells<T> {
    pub fn node(self) -> Option<Node> {
        match self {
            Cells::Same(_) => None,
            Cells::Rows(node) => Some(node),
        }
    }
}

impl Mask {
    pub const YES: Mask = Cells::Same(true);
    pub const NO: Mask = Cells::Same(false);

    /// Whether some row may be set.
    pub fn any(self) -> bool {
        self != Mask::NO
    }
}

impl Bits {
    pub const NONE: Bits = Cells::Same(0);
}
