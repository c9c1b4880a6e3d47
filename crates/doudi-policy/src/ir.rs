//! The typed form that both evaluators run: names are numbers, types are known, every node says in which entity's rows
//! it is evaluated.

use crate::ast::{AggregateOp, Arith, Compare, Confidence, Period};
use crate::source::Span;
use crate::value::{Exact, Rounding, Value};

/// Type of a formula. Money is whole fen; an amount is money that has been divided and not yet rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    YesNo,
    Money,
    Amount,
    /// A whole number: counts. Money times a count is still whole fen.
    Count,
    Number,
    Date,
    Month,
    /// A day with hour and minute, as minutes since 1970-01-01.
    Moment,
    Enum(EnumId),
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// 户 is 0, 人 is 1, records follow.
    EntityId(u8);
    EnumId(u16);
    InputId(u32);
    RuleId(u32);
    ParameterId(u32);
    /// One 规则 or 例外 as it stands in a document.
    DefId(u32);
    CheckId(u32);
    ArticleId(u32);
    NoteId(u32);
}

pub const HOUSEHOLD: EntityId = EntityId(0);
pub const PERSON: EntityId = EntityId(1);

#[derive(Clone, Debug)]
pub struct Entity {
    /// 户, 人, 收入.
    pub name: String,
    /// What a member or record belongs to; `None` for 户.
    pub parent: Option<EntityId>,
    pub question: Option<String>,
}

#[derive(Clone, Debug)]
pub struct EnumType {
    pub name: String,
    pub labels: Vec<String>,
}

/// A fact.
#[derive(Clone, Debug)]
pub struct Input {
    pub entity: EntityId,
    /// `残疾等级`, `上月.低保在册`.
    pub name: String,
    pub ty: Type,
    pub period: Option<Period>,
    pub non_negative: bool,
    pub untried: Untried,
    pub question: Option<String>,
    pub suppliers: Option<String>,
    pub valid_months: Option<u32>,
    /// The input or rule whose value of last month this is.
    pub last_month_of: Option<LastMonth>,
    pub article: ArticleId,
}

/// Which values are never put to a household as the change that would turn a refusal (不试).
#[derive(Clone, Debug, PartialEq)]
pub enum Untried {
    Nothing,
    These(Vec<Value>),
    Everything,
}

impl Untried {
    pub fn allows(&self, value: Value) -> bool {
        match self {
            Untried::Nothing => true,
            Untried::These(values) => !values.contains(&value),
            Untried::Everything => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastMonth {
    Input(InputId),
    Rule(RuleId),
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub dimensions: Vec<EnumId>,
    pub ty: Type,
    pub period: Option<Period>,
    pub note: Option<String>,
    pub article: ArticleId,
}

/// A computed variable of an entity. Its definitions may stand in several documents; a [`crate::Program`] picks.
#[derive(Clone, Debug)]
pub struct Rule {
    pub entity: EntityId,
    pub name: String,
    pub ty: Type,
    /// As the first declaration that says one.
    pub period: Option<Period>,
    pub defs: Vec<DefId>,
}

#[derive(Clone, Debug)]
pub struct Def {
    pub rule: RuleId,
    /// `None` for 规则, the label for 例外.
    pub label: Option<String>,
    /// Exception whose answer gives way to this one's where both apply.
    pub before: Option<String>,
    pub body: Body,
    pub article: ArticleId,
    pub document: u32,
    pub span: Span,
    pub reason: Option<String>,
    pub confidence: Option<(Confidence, String)>,
}

#[derive(Clone, Debug)]
pub enum Body {
    Formula(Expr),
    /// The first clause that applies.
    Clauses {
        clauses: Vec<IrClause>,
        otherwise: Option<Expr>,
    },
    /// For exceptions. `modifies`: the value is computed from 原值.
    Exception {
        condition: Expr,
        value: Expr,
        modifies: bool,
    },
}

#[derive(Clone, Debug)]
pub struct IrClause {
    pub condition: Expr,
    pub value: Expr,
    pub reason: Option<String>,
}

/// A heading of a document: what a citation names.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    pub document: u32,
    pub heading: String,
    pub quotation: String,
}

/// 疑点
#[derive(Clone, Debug)]
pub struct Check {
    pub name: String,
    /// 红, 橙 or 黄.
    pub severity: String,
    pub entity: EntityId,
    pub condition: Expr,
    pub reason: Vec<Template>,
    pub verify: Option<String>,
    pub close: Option<String>,
    pub stake: Option<Expr>,
    pub article: ArticleId,
    pub document: u32,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Template {
    Text(String),
    Value(Expr),
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Type,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    Month,
    LastMonth,
    FirstDay,
    LastDay,
}

/// What a 期限 counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    WorkingDays,
    Months,
    Hours,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Constant(Value),
    Unknown(Option<NoteId>),
    /// The value at the current row, or at the row's ancestor of the input's entity.
    Input(InputId),
    Rule(RuleId),
    Parameter {
        parameter: ParameterId,
        dimensions: Vec<Expr>,
    },
    /// 有规定（参数）: yes if the place has such a value, no if it says there is none, unknown if unpublished.
    HasParameter {
        parameter: ParameterId,
        dimensions: Vec<Expr>,
    },
    Now(Now),
    Original,
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Compare, Box<Expr>, Box<Expr>),
    Is {
        value: Box<Expr>,
        labels: Vec<u16>,
        negated: bool,
    },
    Arith(Arith, Box<Expr>, Box<Expr>),
    Largest(Vec<Expr>),
    Smallest(Vec<Expr>),
    Round {
        value: Box<Expr>,
        rounding: Rounding,
        unit: i128,
    },
    /// 舍入（数额，方式，单位）: how and to what is itself asked, from the place's rules.
    RoundBy {
        value: Box<Expr>,
        /// An option among 四舍五入, 进一, 去尾.
        mode: Box<Expr>,
        unit: Box<Expr>,
        /// By label of the mode.
        roundings: Vec<Rounding>,
    },
    /// A day or moment moved on by a number of working days, calendar months or hours.
    Later {
        step: Step,
        from: Box<Expr>,
        count: Box<Expr>,
    },
    /// Over the children of the current row in entity `over` that pass every filter.
    Aggregate {
        op: AggregateOp,
        over: EntityId,
        filters: Vec<Expr>,
        value: Option<Box<Expr>>,
    },
    /// Completed years on a day.
    Age {
        birth: Box<Expr>,
        on: Box<Expr>,
    },
    MonthOf(Box<Expr>),
    FirstDayOf(Box<Expr>),
    LastDayOf(Box<Expr>),
    IsKnown(Box<Expr>),
    /// Whether the exception with this label applies at the rule's row.
    Applies {
        rule: RuleId,
        label: String,
    },
}

impl Expr {
    /// Calls `visit` for this node and everything below it.
    pub fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        visit(self);
        self.operands(&mut |operand| operand.walk(visit));
    }

    /// Calls `visit` for what stands directly below this node.
    pub fn operands<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::Constant(_)
            | ExprKind::Unknown(_)
            | ExprKind::Input(_)
            | ExprKind::Rule(_)
            | ExprKind::Now(_)
            | ExprKind::Original
            | ExprKind::Applies { .. } => {}
            ExprKind::Not(a)
            | ExprKind::MonthOf(a)
            | ExprKind::FirstDayOf(a)
            | ExprKind::LastDayOf(a)
            | ExprKind::IsKnown(a)
            | ExprKind::Is { value: a, .. }
            | ExprKind::Round { value: a, .. } => visit(a),
            ExprKind::Parameter { dimensions: parts, .. }
            | ExprKind::HasParameter { dimensions: parts, .. }
            | ExprKind::And(parts)
            | ExprKind::Or(parts)
            | ExprKind::Largest(parts)
            | ExprKind::Smallest(parts) => parts.iter().for_each(visit),
            ExprKind::RoundBy { value, mode, unit, .. } => {
                [value, mode, unit].into_iter().for_each(|operand| visit(operand));
            }
            ExprKind::Compare(_, a, b)
            | ExprKind::Arith(_, a, b)
            | ExprKind::Later { from: a, count: b, .. }
            | ExprKind::Age { birth: a, on: b } => {
                visit(a);
                visit(b);
            }
            ExprKind::Aggregate { filters, value, .. } => {
                filters.iter().chain(value.as_deref()).for_each(visit);
            }
        }
    }

    /// What stands one level below, in the order in which it stands.
    pub fn parts(&self) -> Vec<&Expr> {
        let mut found = Vec::new();
        self.operands(&mut |operand| found.push(operand));
        found
    }

    /// How many levels it has: what an evaluation goes down.
    pub fn height(&self) -> u32 {
        1 + self.parts().into_iter().map(Expr::height).max().unwrap_or(0)
    }

    /// Whether 原值 stands in it.
    pub fn uses_original(&self) -> bool {
        let mut found = false;
        self.walk(&mut |expr| found |= matches!(expr.kind, ExprKind::Original));
        found
    }
}

impl Def {
    pub fn exprs(&self) -> Vec<&Expr> {
        match &self.body {
            Body::Formula(expr) => vec![expr],
            Body::Clauses { clauses, otherwise } => clauses
                .iter()
                .flat_map(|clause| [&clause.condition, &clause.value])
                .chain(otherwise)
                .collect(),
            Body::Exception { condition, value, .. } => vec![condition, value],
        }
    }
}

impl Type {
    pub fn is_numeric(self) -> bool {
        matches!(self, Type::Money | Type::Amount | Type::Count | Type::Number)
    }

    pub fn is_plain_number(self) -> bool {
        matches!(self, Type::Count | Type::Number)
    }

    pub fn is_money(self) -> bool {
        matches!(self, Type::Money | Type::Amount)
    }
}

/// Shorthand for whole numbers.
pub fn whole(number: i128) -> Exact {
    Exact::from_integer(number)
}
