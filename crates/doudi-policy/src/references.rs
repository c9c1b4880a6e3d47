//! What a library declares, where each name is used, and what depends on what: for pages, comparisons and searches. An
//! evaluation needs none of it.

use crate::ast::{Decl, DeclKind, Name};
use crate::document::BlockKind;
use crate::ir::{
    CheckId, Def, EntityId, EnumId, Expr, ExprKind, InputId, LastMonth, ParameterId, RuleId, Template,
};
use crate::lexer::{Punct, Token, TokenKind, lex};
use crate::library::Library;
use crate::parser::parse_block;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Something that has a name of its own in the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    Rule(RuleId),
    Parameter(ParameterId),
    Input(InputId),
    /// Index in [`Library::sets`].
    Set(u32),
    Record(EntityId),
    Enum(EnumId),
    Check(CheckId),
}

/// One declaration as it stands in a document.
#[derive(Clone, Debug)]
pub struct Declaration {
    pub named: Named,
    /// The label of an exception.
    pub label: Option<String>,
    pub document: u32,
    /// Index of its block in the document.
    pub block: usize,
    pub article: String,
    pub span: Span,
}

/// A place in a source where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub span: Span,
    pub named: Named,
}

/// Aggregates are followed by a set in brackets.
const AGGREGATES: [&str; 6] = ["合计", "计数", "任一", "全部", "最大", "最小"];

impl Library {
    /// `户.低保金`, `低保标准`, `收入`, `错退`.
    pub fn path(&self, named: Named) -> String {
        let owned = |entity: EntityId, name: &str| {
            let owner = self.entities.get(entity.index()).map_or("", |entity| entity.name.as_str());
            format!("{owner}.{name}")
        };
        let path = match named {
            Named::Rule(id) => self.rules.get(id.index()).map(|rule| owned(rule.entity, &rule.name)),
            Named::Input(id) => self.inputs.get(id.index()).map(|input| owned(input.entity, &input.name)),
            Named::Parameter(id) => self.parameters.get(id.index()).map(|found| found.name.clone()),
            Named::Set(index) => self.sets.get(index as usize).map(|set| set.name.clone()),
            Named::Record(id) => self.entities.get(id.index()).map(|entity| entity.name.clone()),
            Named::Enum(id) => self.enums.get(id.index()).map(|found| found.name.clone()),
            Named::Check(id) => self.checks.get(id.index()).map(|check| check.name.clone()),
        };
        path.unwrap_or_default()
    }

    /// Every declaration, in the order of documents and texts.
    pub fn declarations(&self) -> Vec<Declaration> {
        let mut found = Vec::new();
        for (number, document) in self.documents.iter().enumerate() {
            for (index, block) in document.blocks.iter().enumerate() {
                if block.kind != BlockKind::Articles {
                    continue;
                }
                let (decls, _) = parse_block(&block.text, document.source, block.span.start);
                found.extend(decls.into_iter().filter_map(|decl| {
                    let (named, label) = self.declared(&decl)?;
                    Some(Declaration {
                        named,
                        label,
                        document: number as u32,
                        block: index,
                        article: block.article.clone(),
                        span: decl.span,
                    })
                }));
            }
        }
        found
    }

    fn declared(&self, decl: &Decl) -> Option<(Named, Option<String>)> {
        let entity = |name: &Name| self.entity_named(name.entity.as_deref()?);
        let named = match &decl.kind {
            DeclKind::Rule { name, .. } => Named::Rule(self.rule_named(entity(name)?, &name.word)?),
            DeclKind::Exception { rule, label, .. } => {
                let rule = self.rule_named(entity(rule)?, &rule.word)?;
                return Some((Named::Rule(rule), Some(label.clone())));
            }
            DeclKind::Input { name, .. } => Named::Input(self.input_named(entity(name)?, &name.word)?),
            DeclKind::Parameter { name, .. } => Named::Parameter(self.parameter_named(name)?),
            DeclKind::Record { name, .. } => Named::Record(self.entity_named(name)?),
            DeclKind::Set { name, .. } => self.set_named(name)?,
            DeclKind::Enum { name, labels } => {
                let at =
                    self.enums.iter().position(|found| found.name == *name || found.labels == *labels)?;
                Named::Enum(EnumId(at as u16))
            }
            DeclKind::Check(_) => {
                let at = self.checks.iter().position(|check| check.span == decl.span)?;
                Named::Check(CheckId(at as u32))
            }
        };
        Some((named, None))
    }

    /// A selection, or a record, by the name that an aggregate uses. 成员 is everybody and has no declaration.
    fn set_named(&self, name: &str) -> Option<Named> {
        if let Some(record) = self.entity_named(name) {
            return Some(Named::Record(record));
        }
        let at = self.sets.iter().position(|set| set.name == name && set.filter.is_some())?;
        Some(Named::Set(at as u32))
    }

    /// The text of a declaration without layout and comments: equal for two declarations that say the same.
    pub fn canonical(&self, span: Span) -> String {
        let text = self.sources.get(span.source.0 as usize).map_or("", |source| source.slice(span));
        let (tokens, _) = lex(text, span.source, span.start);
        let words: Vec<String> = tokens
            .iter()
            .filter(|token| !matches!(token.kind, TokenKind::Comment(_) | TokenKind::End))
            .map(|token| format!("{:?}", token.kind))
            .collect();
        words.join(" ")
    }

    /// Every name in a formula or at the head of a declaration, by place; no two overlap.
    pub fn references(&self) -> Vec<Reference> {
        let mut found: BTreeMap<(u32, u32), Reference> = BTreeMap::new();
        let mut add = |reference: Reference| {
            found.entry((reference.span.source.0, reference.span.start)).or_insert(reference);
        };
        for expr in self.all_exprs() {
            expr.walk(&mut |node| {
                if let Some(reference) = self.reference(node) {
                    add(reference);
                }
            });
        }
        self.set_references().into_iter().for_each(&mut add);
        for declaration in self.declarations() {
            let path = self.path(declaration.named);
            if let Some(span) = self.within(declaration.span, 0, &path) {
                add(Reference { span, named: declaration.named });
            }
        }
        let mut apart: Vec<Reference> = Vec::new();
        for reference in found.into_values() {
            let overlaps = apart.last().is_some_and(|last| {
                last.span.source == reference.span.source && reference.span.start < last.span.end
            });
            if !overlaps {
                apart.push(reference);
            }
        }
        apart
    }

    fn all_exprs(&self) -> impl Iterator<Item = &Expr> {
        let defs = self.defs.iter().flat_map(Def::exprs);
        let checks = (0..self.checks.len()).flat_map(|index| self.check_exprs(CheckId(index as u32)));
        defs.chain(checks).chain(self.sets.iter().filter_map(|set| set.filter.as_ref()))
    }

    fn check_exprs(&self, id: CheckId) -> Vec<&Expr> {
        let Some(check) = self.checks.get(id.index()) else { return Vec::new() };
        let embedded = check.reason.iter().filter_map(|part| match part {
            Template::Value(expr) => Some(expr),
            Template::Text(_) => None,
        });
        [&check.condition].into_iter().chain(embedded).chain(&check.stake).collect()
    }

    fn reference(&self, node: &Expr) -> Option<Reference> {
        let named = self.node_name(node)?;
        let span = match &node.kind {
            // 在 月末 的周岁 asks for the day of birth without naming it.
            ExprKind::Input(_) | ExprKind::Rule(_) => {
                let name = self.path(named);
                let word = name.rsplit('.').next().unwrap_or("");
                self.slice(node.span).ends_with(word).then_some(node.span)?
            }
            ExprKind::Applies { .. } => self.within(node.span, "适用".len(), self.own_word(named))?,
            ExprKind::HasParameter { .. } => self.within(node.span, "有规定".len(), self.own_word(named))?,
            _ => self.within(node.span, 0, self.own_word(named))?,
        };
        Some(Reference { span, named })
    }

    /// What a node of a formula names; last month's value of something is that thing.
    fn node_name(&self, node: &Expr) -> Option<Named> {
        Some(match &node.kind {
            ExprKind::Input(id) => match self.inputs.get(id.index())?.last_month_of {
                Some(LastMonth::Input(of)) => Named::Input(of),
                Some(LastMonth::Rule(of)) => Named::Rule(of),
                None => Named::Input(*id),
            },
            ExprKind::Rule(id) | ExprKind::Applies { rule: id, .. } => Named::Rule(*id),
            ExprKind::Parameter { parameter, .. } | ExprKind::HasParameter { parameter, .. } => {
                Named::Parameter(*parameter)
            }
            _ => return None,
        })
    }

    fn own_word(&self, named: Named) -> &str {
        match named {
            Named::Rule(id) => self.rules.get(id.index()).map_or("", |rule| rule.name.as_str()),
            Named::Parameter(id) => self.parameters.get(id.index()).map_or("", |found| found.name.as_str()),
            _ => "",
        }
    }

    /// The text of a place without line breaks, for messages.
    pub(crate) fn one_line(&self, span: Span) -> String {
        self.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn slice(&self, span: Span) -> &str {
        self.sources.get(span.source.0 as usize).map_or("", |source| source.slice(span))
    }

    /// Where a name stands in a stretch of text, after `skip` bytes.
    fn within(&self, span: Span, skip: usize, name: &str) -> Option<Span> {
        let at = skip + self.slice(span).get(skip..)?.find(name).filter(|_| !name.is_empty())?;
        let start = span.start + at as u32;
        Some(Span { source: span.source, start, end: start + name.len() as u32 })
    }

    fn set_references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for document in &self.documents {
            for block in document.blocks.iter().filter(|block| block.kind == BlockKind::Articles) {
                let (tokens, _) = lex(&block.text, document.source, block.span.start);
                for four in tokens.windows(4) {
                    let [first, second, third, fourth] = four else { continue };
                    let selects = is_word(first, &AGGREGATES) && second.kind == TokenKind::Punct(Punct::Open);
                    let narrows = is_word(first, &["群体"]) && third.kind == TokenKind::Punct(Punct::Equal);
                    let name = match (selects, narrows) {
                        (true, _) => third,
                        (_, true) => fourth,
                        _ => continue,
                    };
                    let TokenKind::Word(word) = &name.kind else { continue };
                    if let Some(named) = self.set_named(word) {
                        found.push(Reference { span: name.span, named });
                    }
                }
            }
        }
        found
    }
}

fn is_word(token: &Token, words: &[&str]) -> bool {
    matches!(&token.kind, TokenKind::Word(word) if words.contains(&word.as_str()))
}

/// Which names each rule, check and selection uses, over all its definitions in all documents.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    uses: BTreeMap<Named, BTreeSet<Named>>,
    used_by: BTreeMap<Named, BTreeSet<Named>>,
}

impl Uses {
    pub fn of(library: &Library) -> Uses {
        let mut uses = Uses::default();
        for def in &library.defs {
            def.exprs().iter().for_each(|expr| uses.add_expr(library, Named::Rule(def.rule), expr));
        }
        for index in 0..library.checks.len() {
            let id = CheckId(index as u32);
            library.check_exprs(id).iter().for_each(|expr| uses.add_expr(library, Named::Check(id), expr));
        }
        for (index, set) in library.sets.iter().enumerate() {
            if let Some(filter) = &set.filter {
                uses.add_expr(library, Named::Set(index as u32), filter);
            }
        }
        let declarations = library.declarations();
        for reference in library.set_references() {
            let place = reference.span;
            let holder = declarations.iter().find(|found| {
                found.span.source == place.source
                    && found.span.start <= place.start
                    && place.end <= found.span.end
            });
            if let Some(holder) = holder {
                uses.add(holder.named, reference.named);
            }
        }
        uses
    }

    fn add_expr(&mut self, library: &Library, user: Named, expr: &Expr) {
        expr.walk(&mut |node| {
            if let Some(used) = library.node_name(node) {
                self.add(user, used);
            }
        });
    }

    fn add(&mut self, user: Named, used: Named) {
        self.uses.entry(user).or_default().insert(used);
        self.used_by.entry(used).or_default().insert(user);
    }

    /// What a name uses directly.
    pub fn uses(&self, named: Named) -> impl Iterator<Item = Named> + '_ {
        self.uses.get(&named).into_iter().flatten().copied()
    }

    /// What uses a name directly.
    pub fn used_by(&self, named: Named) -> impl Iterator<Item = Named> + '_ {
        self.used_by.get(&named).into_iter().flatten().copied()
    }

    /// Everything that these names rest on, themselves included.
    pub fn rests_on(&self, starts: &[Named]) -> BTreeSet<Named> {
        let mut reached: BTreeSet<Named> = BTreeSet::new();
        let mut pending: Vec<Named> = starts.to_vec();
        while let Some(named) = pending.pop() {
            if reached.insert(named) {
                pending.extend(self.uses(named));
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    const ARTICLES: &str = "枚举 城乡类 = 农村、城镇\n参数 标准[城乡类]: 金额\n记录 收入 属于 人\n输入 收入.月额: 金额\n\
        输入 人.计入: 是否\n输入 人.出生日期: 日期\n输入 户.地类: 农村、城镇\n群体 共同成员 = 成员 当 计入\n\
        规则 人.收入额: 金额 = 合计(收入 的 月额)\n规则 户.总收入: 金额 = 合计(共同成员 的 收入额)\n\
        规则 户.够格: 是否\n  当 有规定(标准[地类]) 且 上月.够格 则 总收入 低于 标准[地类] -- 注\n  否则 否\n\
        例外 户.够格 「老」 当 任一(成员 的 在 月末 的周岁 在 60 以上) 则 是\n\
        规则 户.又: 是否 = 适用 户.够格「老」\n\
        疑点 漏 [红] 对 户\n  当 又\n  说明 “少了 {总收入}”\n";

    fn library(articles: &str) -> Library {
        let front = "---\n编号: 试\n名称: 试验\n位阶: 工作口径\n施行: 2010-01-01\n---\n## 第一条\n";
        let text = format!("{front}```条文\n{articles}```\n");
        let (library, problems) = Library::read(vec![Source { path: "national/t.md".into(), text }]);
        assert!(!crate::has_errors(&problems), "{problems:?}");
        library
    }

    fn named(library: &Library, path: &str) -> Named {
        library
            .references()
            .into_iter()
            .map(|reference| reference.named)
            .find(|named| library.path(*named) == path)
            .unwrap_or_else(|| panic!("{path} is named"))
    }

    #[test]
    fn every_name_in_a_formula_is_found_where_it_stands() {
        let library = library(ARTICLES);
        let written: Vec<(String, String)> = library
            .references()
            .iter()
            .map(|reference| (library.slice(reference.span).to_owned(), library.path(reference.named)))
            .collect();
        for (text, path) in [
            ("总收入", "户.总收入"),
            ("标准", "标准"),
            ("上月.够格", "户.够格"),
            ("够格", "户.够格"),
            ("共同成员", "共同成员"),
            ("收入", "收入"),
            ("月额", "收入.月额"),
            ("户.又", "户.又"),
            ("漏", "漏"),
        ] {
            assert!(written.contains(&(text.to_owned(), path.to_owned())), "{text} -> {path}: {written:?}");
        }
        let in_words = library.references().into_iter().filter(|reference| {
            library.slice(reference.span) == "总收入" && reference.named == named(&library, "户.总收入")
        });
        assert_eq!(in_words.count(), 2, "in the formula and in the words of the check");
    }

    #[test]
    fn what_rests_on_what_goes_through_sets_exceptions_and_ages() {
        let library = library(ARTICLES);
        let uses = Uses::of(&library);
        let reached: Vec<String> =
            uses.rests_on(&[named(&library, "户.又")]).into_iter().map(|named| library.path(named)).collect();
        for path in ["户.够格", "标准", "人.计入", "收入.月额", "共同成员", "收入", "人.出生日期"]
        {
            assert!(reached.iter().any(|found| found == path), "{path}: {reached:?}");
        }
        assert!(!reached.iter().any(|found| found == "漏"), "{reached:?}");
        let users: Vec<String> =
            uses.used_by(named(&library, "户.又")).map(|named| library.path(named)).collect();
        assert_eq!(users, ["漏"]);
    }

    #[test]
    fn layout_and_comments_do_not_make_a_declaration_another() {
        let one = library("输入 户.甲: 是否\n规则 户.乙: 是否 = 非 甲 -- 注\n");
        let same = library("输入 户.甲:是否\n规则   户.乙：是否\n  =  非 甲\n");
        let other = library("输入 户.甲: 是否\n规则 户.乙: 是否 = 甲\n");
        let text = |library: &Library| library.canonical(library.declarations()[1].span);
        assert_eq!(text(&one), text(&same));
        assert_ne!(text(&one), text(&other));
    }
}
