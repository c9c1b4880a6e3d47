//! What a policy document says, before names are looked up.

use crate::lexer::Punct;
use crate::source::Span;
use doudi_terms::Date;

/// A name as written: `月收入`, `户.月收入`, `上月.低保金`.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// `户` of `户.月收入`.
    pub entity: Option<String>,
    /// `上月.` stands before it: last month's value, from the ledger.
    pub last_month: bool,
    pub word: String,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypeName {
    YesNo,
    Money,
    Amount,
    Count,
    Number,
    Date,
    Month,
    Moment,
    /// A named 枚举, or the type of an enum input of that name.
    Named(String),
    Labels(Vec<String>),
}

/// 金额/月, 金额/年: what an amount is counted by, where its declaration says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Month,
    Year,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arith {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Arith {
    pub fn from_punct(punct: Punct) -> Option<Arith> {
        Some(match punct {
            Punct::Plus => Arith::Add,
            Punct::Minus => Arith::Subtract,
            Punct::Times => Arith::Multiply,
            Punct::Divide => Arith::Divide,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateOp {
    Sum,
    Count,
    Any,
    All,
    Max,
    Min,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    YesNo(bool),
    /// Digits and unit as written.
    Number {
        digits: String,
        unit: String,
    },
    Date(Date),
    Name(Name),
    /// A name with `[dimensions]`.
    Parameter {
        name: Name,
        dimensions: Vec<Expr>,
    },
    /// 不详, with what has to be found out.
    Unknown(Option<String>),
    /// 原值: the value before an exception.
    Original,
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Compare, Box<Expr>, Box<Expr>),
    /// x 在 a 至 b 之间, both ends included.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// x 为 甲、乙 (or 不为).
    Is {
        value: Box<Expr>,
        labels: Vec<(String, Span)>,
        negated: bool,
    },
    Arith(Arith, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Call {
        function: String,
        arguments: Vec<Expr>,
    },
    /// 合计(集合 当 条件 的 式)
    Aggregate {
        op: AggregateOp,
        set: Name,
        filter: Option<Box<Expr>>,
        value: Option<Box<Expr>>,
    },
    /// 在 日期 的周岁
    Age(Box<Expr>),
    /// 适用 户.低保对象「渐退」
    Applies {
        rule: Name,
        label: String,
    },
}

/// 当 … 则 …
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    pub condition: Expr,
    pub value: Expr,
    pub reason: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RuleBody {
    /// `= 式`
    Formula(Expr),
    /// `当 … 则 …` lines and `否则 …`
    Clauses { clauses: Vec<Clause>, otherwise: Option<Expr> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Decl {
    pub kind: DeclKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DeclKind {
    Record {
        name: String,
        owner: String,
        question: Option<String>,
    },
    Enum {
        name: String,
        labels: Vec<String>,
    },
    Input {
        name: Name,
        ty: TypeName,
        period: Option<Period>,
        non_negative: bool,
        /// 不试: with nothing after it any other value, else these values.
        untried: Option<Vec<String>>,
        question: Option<String>,
        suppliers: Option<String>,
        valid_months: Option<u32>,
    },
    Parameter {
        name: String,
        dimensions: Vec<String>,
        ty: TypeName,
        period: Option<Period>,
        note: Option<String>,
    },
    Set {
        name: String,
        base: String,
        filter: Expr,
    },
    Rule {
        name: Name,
        ty: TypeName,
        period: Option<Period>,
        body: RuleBody,
        reason: Option<String>,
        confidence: Option<(Confidence, String)>,
    },
    Exception {
        rule: Name,
        label: String,
        condition: Expr,
        value: Expr,
        reason: Option<String>,
        before: Option<String>,
        confidence: Option<(Confidence, String)>,
    },
    Check(Box<CheckDecl>),
}

/// 疑点
#[derive(Clone, Debug, PartialEq)]
pub struct CheckDecl {
    pub name: String,
    pub severity: String,
    pub entity: String,
    pub condition: Expr,
    /// Text with {式} in it.
    pub reason: Vec<TemplatePart>,
    pub verify: Option<String>,
    pub close: Option<String>,
    pub stake: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    Text(String),
    Value(Expr),
}
