//! A column of one kind of cell: the same in every row, or one a row. Most masks ("is it known?") are the same in every
//! row, and then cost nothing.

use std::rc::Rc;

#[derive(Clone, Debug)]
pub(crate) enum Cells<T> {
    Same(T),
    Rows(Rc<Vec<T>>),
}

impl<T: Copy> Cells<T> {
    pub fn rows(values: Vec<T>) -> Cells<T> {
        Cells::Rows(Rc::new(values))
    }

    pub fn at(&self, row: usize) -> T {
        match self {
            Cells::Same(value) => *value,
            Cells::Rows(values) => values[row],
        }
    }

    /// Rows of this column, if it says; [`Cells::Same`] fits any number.
    pub fn len(&self) -> Option<usize> {
        match self {
            Cells::Same(_) => None,
            Cells::Rows(values) => Some(values.len()),
        }
    }

    pub fn map<U>(&self, f: impl Fn(T) -> U) -> Cells<U> {
        match self {
            Cells::Same(value) => Cells::Same(f(*value)),
            Cells::Rows(values) => Cells::Rows(Rc::new(values.iter().map(|value| f(*value)).collect())),
        }
    }

    pub fn zip<U: Copy, V>(&self, other: &Cells<U>, mut f: impl FnMut(T, U) -> V) -> Cells<V> {
        Cells::Rows(Rc::new(match (self, other) {
            (Cells::Same(a), Cells::Same(b)) => return Cells::Same(f(*a, *b)),
            (Cells::Same(a), Cells::Rows(b)) => b.iter().map(|b| f(*a, *b)).collect(),
            (Cells::Rows(a), Cells::Same(b)) => a.iter().map(|a| f(*a, *b)).collect(),
            (Cells::Rows(a), Cells::Rows(b)) => a.iter().zip(b.iter()).map(|(a, b)| f(*a, *b)).collect(),
        }))
    }

    /// As [`Cells::zip`] into the same kind of cell: works in this column's own memory where nobody else holds it.
    pub fn merge<U: Copy>(mut self, other: &Cells<U>, f: impl Fn(T, U) -> T) -> Cells<T> {
        if let Cells::Rows(values) = &mut self
            && let Some(values) = Rc::get_mut(values)
        {
            match other {
                Cells::Same(b) => values.iter_mut().for_each(|a| *a = f(*a, *b)),
                Cells::Rows(b) => values.iter_mut().zip(b.iter()).for_each(|(a, b)| *a = f(*a, *b)),
            }
            return self;
        }
        self.zip(other, f)
    }

    /// The cells at these rows: an owner's cells for each of its members.
    pub fn gather(&self, index: &[u32]) -> Cells<T> {
        match self {
            Cells::Same(value) => Cells::Same(*value),
            Cells::Rows(values) => Cells::rows(index.iter().map(|at| values[*at as usize]).collect()),
        }
    }

    /// `self` where the mask is set, `other` elsewhere.
    pub fn select(&self, mask: &Cells<bool>, other: &Cells<T>) -> Cells<T> {
        let mask = match mask {
            Cells::Same(true) => return self.clone(),
            Cells::Same(false) => return other.clone(),
            Cells::Rows(mask) => mask,
        };
        Cells::rows(match (self, other) {
            (Cells::Same(a), Cells::Same(b)) => mask.iter().map(|m| if *m { *a } else { *b }).collect(),
            (Cells::Same(a), Cells::Rows(b)) => {
                mask.iter().zip(b.iter()).map(|(m, b)| if *m { *a } else { *b }).collect()
            }
            (Cells::Rows(a), Cells::Same(b)) => {
                mask.iter().zip(a.iter()).map(|(m, a)| if *m { *a } else { *b }).collect()
            }
            (Cells::Rows(a), Cells::Rows(b)) => {
                mask.iter().zip(a.iter().zip(b.iter())).map(|(m, (a, b))| if *m { *a } else { *b }).collect()
            }
        })
    }
}

impl Cells<bool> {
    pub fn and(self, other: &Cells<bool>) -> Cells<bool> {
        match (&self, other) {
            (_, Cells::Same(true)) | (Cells::Same(false), _) => self,
            (Cells::Same(true), _) | (_, Cells::Same(false)) => other.clone(),
            _ => self.merge(other, |a, b| a & b),
        }
    }

    pub fn or(self, other: &Cells<bool>) -> Cells<bool> {
        match (&self, other) {
            (_, Cells::Same(false)) | (Cells::Same(true), _) => self,
            (Cells::Same(false), _) | (_, Cells::Same(true)) => other.clone(),
            _ => self.merge(other, |a, b| a | b),
        }
    }

    /// `self` and not `other`.
    pub fn but_not(self, other: &Cells<bool>) -> Cells<bool> {
        match (&self, other) {
            (_, Cells::Same(false)) | (Cells::Same(false), _) => self,
            (_, Cells::Same(true)) => Cells::Same(false),
            _ => self.merge(other, |a, b| a & !b),
        }
    }

    pub fn not(&self) -> Cells<bool> {
        self.map(|value| !value)
    }

    pub fn any(&self) -> bool {
        match self {
            Cells::Same(value) => *value,
            Cells::Rows(values) => values.iter().any(|value| *value),
        }
    }
}

impl Cells<u8> {
    /// Both sets of fault bits.
    pub fn both(self, other: &Cells<u8>) -> Cells<u8> {
        match (&self, other) {
            (_, Cells::Same(0)) => self,
            (Cells::Same(0), _) => other.clone(),
            _ => self.merge(other, |a, b| a | b),
        }
    }

    /// Only where the mask is set.
    pub fn only(self, mask: &Cells<bool>) -> Cells<u8> {
        match (&self, mask) {
            (Cells::Same(0), _) | (_, Cells::Same(true)) => self,
            (_, Cells::Same(false)) => Cells::Same(0),
            _ => self.merge(mask, |bits, set| if set { bits } else { 0 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_nobody_shares_is_reused() {
        let cells = Cells::rows(vec![true, false, true]);
        let Cells::Rows(values) = &cells else { panic!("rows") };
        let before = values.as_ptr();
        let merged = cells.and(&Cells::rows(vec![true, true, false]));
        let Cells::Rows(values) = &merged else { panic!("rows") };
        assert_eq!(values.as_ptr(), before);
        assert_eq!(**values, [true, false, false]);
    }

    #[test]
    fn a_shared_column_is_left_alone() {
        let cells = Cells::rows(vec![1_u8, 2]);
        let kept = cells.clone();
        let merged = cells.both(&Cells::rows(vec![4, 4]));
        assert_eq!((kept.at(0), kept.at(1)), (1, 2));
        assert_eq!((merged.at(0), merged.at(1)), (5, 6));
    }
}
