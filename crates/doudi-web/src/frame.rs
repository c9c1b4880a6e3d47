//! What stands around every page: its title, who is signed in, the menu, the way here.

/// Head and menu of a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub title: String,
    /// The address of this page, to come back to after a change of type size.
    pub path: String,
    /// Address of the menu's entry that this page belongs to.
    pub section: &'static str,
    pub person: Option<Person>,
    pub menu: Vec<Step>,
    pub trail: Vec<Step>,
    /// Large type, wide targets (长辈版).
    pub elder: bool,
    /// By the office's calendar; empty where nobody is signed in.
    pub today: String,
    /// A form of this page came back with errors; the title says so first, for those who hear it read.
    pub has_errors: bool,
}

/// Who is signed in, in words for the head of a page.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub roles: String,
    pub region: String,
}

/// A named address.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: String,
    pub path: String,
}

impl Step {
    pub fn new(name: impl Into<String>, path: impl Into<String>) -> Step {
        Step { name: name.into(), path: path.into() }
    }
}

impl Frame {
    /// A page without a person: sign-in, set-up, errors before anybody is known.
    pub fn outside(title: impl Into<String>) -> Frame {
        Frame { title: title.into(), ..Frame::default() }
    }
}
