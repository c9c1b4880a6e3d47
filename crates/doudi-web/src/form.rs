//! Errors of a form: each beside its field and again in a list at the head of the page; what was typed stays.

use std::borrow::Cow;

/// One thing to put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Name and id of the field.
    pub field: Cow<'static, str>,
    /// What is wrong and what to do, in one sentence.
    pub text: String,
}

/// The errors of one form, in the order of its fields.
#[derive(Clone, Debug, Default)]
pub struct Wrongs(Vec<Wrong>);

impl Wrongs {
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        self.0.push(Wrong { field: field.into(), text: text.into() });
    }

    /// Adds an error where a text is blank; says whether there was something.
    pub fn require(&mut self, field: &'static str, value: &str, text: &str) -> bool {
        let given = !value.trim().is_empty();
        if !given {
            self.add(field, text);
        }
        given
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn wrongs(&self) -> &[Wrong] {
        &self.0
    }

    /// What is wrong with one field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.text.as_str())
    }
}
