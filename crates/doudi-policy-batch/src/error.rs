//! What can be wrong with the columns that a caller hands in.

use thiserror::Error;

/// A mistake of the caller, found before anything is evaluated. Facts themselves never cause one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    #[error("政策库有 {expected} 种实体，给了 {found} 张表")]
    EntityCount { expected: usize, found: usize },
    #[error("“{entity}”表的分段（offsets）不对：{why}")]
    Offsets { entity: String, why: &'static str },
    #[error("“{name}”应有 {expected} 行，却有 {found} 行")]
    Length { name: String, expected: usize, found: usize },
    #[error("“{name}”应当是 {expected} 列，却是 {found}")]
    ColumnType { name: String, expected: &'static str, found: String },
    #[error("“{name}”第 {row} 行的选项序号是 {label}，只有 {labels} 个选项")]
    Label { name: String, row: usize, label: i64, labels: usize },
    #[error("“{name}”不是“{entity}”的输入")]
    ForeignInput { name: String, entity: String },
    #[error("这些表是按另一个政策库建的")]
    OtherLibrary,
    #[error("没有编号为 {0} 的规则")]
    NoSuchRule(u32),
    #[error("没有编号为 {0} 的疑点")]
    NoSuchCheck(u32),
    #[error("规则“{0}”的分支或例外太多")]
    TooManyClauses(String),
}
