//! Explanations of random households under the shipped policies: what is shown has a value, the values follow from
//! each other, and what is said to turn a refusal turns it.

mod checker;
mod households;
mod nearest;
mod trees;
