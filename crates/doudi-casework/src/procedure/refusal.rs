//! Why a step is not taken, in the words of whoever wanted to take it.

use crate::lead_case::Refusal;

/// An answer that does not read, or is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongAnswer {
    /// Name of the fact in the policies, `note` or `evidence`.
    pub field: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    #[error("“{from}”的{kind}不能“{step}”。现在可以做的：{}", open_steps(.possible))]
    Impossible { kind: String, from: String, step: String, possible: Vec<String> },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("“{step}”和“{earlier}”不能是同一个人。请交给另一位有权限的同事")]
    SamePerson { step: String, earlier: String },
    #[error("现在不能“{step}”：“{earlier}”的材料（{paper}）都撤回了。请先补传，说明用在“{earlier}”")]
    PaperGone { step: String, earlier: String, paper: String },
    #[error("{}", answers(.0))]
    Answers(Vec<WrongAnswer>),
    /// The law says no: which condition, why, and under which articles.
    #[error("现在不能“{step}”：{condition}{}{}", because(.reasons), cited(.articles))]
    Unmet { step: String, condition: String, reasons: Vec<String>, articles: Vec<String> },
    #[error("现在还不能“{step}”：{condition}还没有查清。要先知道：{}", .missing.join("、"))]
    Unknown { step: String, condition: String, missing: Vec<String> },
    #[error(
        "现在不能“{step}”：这里今天没有“{kind}”这种办件的程序。请政策管理员检查政策文件夹里的 procedures"
    )]
    NothingToOpen { step: String, kind: String },
    #[error(
        "决定是“{decided}”，按登记的情况和规则算，{programme}却不是这个结果，决定书的理由写不出来。\
         请先核对家庭情况和决定，再用文书里的空白格式写"
    )]
    OtherwiseDecided { decided: &'static str, programme: String },
    #[error("这件办件的程序文件（{path}）已经不在政策文件夹里了。请把它放回去，办件才能接着办")]
    NoProcedure { path: String },
    #[error("{}", .0.join("；"))]
    Policies(Vec<String>),
}

fn open_steps(steps: &[String]) -> String {
    if steps.is_empty() { "没有，已经办结".into() } else { steps.join("、") }
}

fn answers(wrong: &[WrongAnswer]) -> String {
    wrong.iter().map(|wrong| wrong.text.as_str()).collect::<Vec<_>>().join("；")
}

fn because(reasons: &[String]) -> String {
    if reasons.is_empty() { String::new() } else { format!("。{}", reasons.join("；")) }
}

fn cited(articles: &[String]) -> String {
    if articles.is_empty() { String::new() } else { format!("（{}）", articles.join("、")) }
}
