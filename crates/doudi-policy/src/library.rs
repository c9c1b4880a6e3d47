//! All policy documents of a folder, read, named and typed: what every evaluation starts from.

use crate::analyse::{OwnGap, read_own_gaps};
use crate::ask::asked_by_name;
use crate::ast::{Decl, DeclKind, TypeName};
use crate::calendar::Calendar;
use crate::check::Checker;
use crate::collisions::collisions;
use crate::diagnostic::{Diagnostic, Level, suggestion};
use crate::document::{Block, BlockKind, Document, read_document};
use crate::ir::{
    Article, ArticleId, Check, CheckId, Def, DefId, Entity, EntityId, EnumId, EnumType, Expr, HOUSEHOLD,
    Input, InputId, PERSON, Parameter, ParameterId, Rule, RuleId, Type, Untried,
};
use crate::letter::LetterTemplate;
use crate::parameters::{ParameterRow, parse_value, read_parameters};
use crate::parser::parse_block;
use crate::source::{Source, SourceId, Span};
use crate::value::Value;

/// Kinds of rows: their numbers have 8 bits.
const MOST_ENTITIES: usize = 256;

/// Combinations of the dimensions of one parameter: each has its place in memory.
const MOST_VALUES: usize = 10_000;

/// Options of one kind: their numbers have 16 bits.
const MOST_LABELS: usize = 1_000;

/// A named selection of members or records.
#[derive(Clone, Debug)]
pub struct Set {
    pub name: String,
    pub over: EntityId,
    pub filter: Option<Expr>,
}

/// A 案例 block with the document it stands in.
#[derive(Clone, Debug)]
pub struct CaseBlock {
    pub document: u32,
    pub article: ArticleId,
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Debug, Default)]
pub struct Library {
    pub sources: Vec<Source>,
    pub documents: Vec<Document>,
    pub articles: Vec<Article>,
    pub entities: Vec<Entity>,
    pub enums: Vec<EnumType>,
    pub inputs: Vec<Input>,
    pub parameters: Vec<Parameter>,
    pub rows: Vec<ParameterRow>,
    pub sets: Vec<Set>,
    pub rules: Vec<Rule>,
    pub defs: Vec<Def>,
    pub checks: Vec<Check>,
    /// Texts of 不详（“…”）, by `NoteId`.
    pub notes: Vec<String>,
    pub cases: Vec<CaseBlock>,
    /// Holes of the law itself that the texts declare.
    pub own_gaps: Vec<OwnGap>,
    /// Wordings of letters, from `letters/*.md`.
    pub letters: Vec<LetterTemplate>,
    /// Holidays and make-up working days by year, from `calendars/*.csv`.
    pub calendar: Calendar,
}

/// Text that is knowingly not carried out.
pub struct NotCarriedOut<'l> {
    pub document: &'l str,
    pub article: &'l str,
    pub reason: &'l str,
}

/// Wording around what the law says: letters, and forms that are printed. No rule stands there.
fn is_wording(path: &str) -> bool {
    LetterTemplate::is_template(path) || path.rsplit('/').nth(1) == Some("documents")
}

impl Library {
    /// Reads documents (`.md`) and parameter tables (`.csv`); other files are ignored. The library holds everything
    /// that could be read; run it only if no diagnostic is an error.
    pub fn read(sources: Vec<Source>) -> (Library, Vec<Diagnostic>) {
        let mut library = Library { sources, ..Library::default() };
        library.entities = vec![
            Entity { name: "户".into(), parent: None, question: None },
            Entity { name: "人".into(), parent: Some(HOUSEHOLD), question: None },
        ];
        library.sets.push(Set { name: "成员".into(), over: PERSON, filter: None });
        let mut problems = Vec::new();
        let decls = library.read_documents(&mut problems);
        Collector { library: &mut library, problems: &mut problems }.collect(&decls);
        library.read_parameter_tables(&mut problems);
        Checker::new(&mut library, &mut problems).check(&decls);
        library.read_letters(&mut problems);
        problems.extend(library.asked_of_nobody());
        problems.extend(collisions(&library));
        problems.sort_by_key(|problem| (problem.level, problem.span));
        (library, problems)
    }

    /// Names under 先问 that are neither a fact nor a list.
    fn asked_of_nobody(&self) -> Vec<Diagnostic> {
        let asked = self.documents.iter().flat_map(|document| &document.asked_first);
        let unknown = asked.filter(|(name, _)| asked_by_name(self, name).is_none());
        let told = unknown.map(|(name, span)| {
            Diagnostic::error(*span, format!("“先问”里的“{name}”不是事实，也不是名单"))
                .next("写成 人.出生日期 这样（实体、点、事实的名称），名单只写名称，如 收入")
        });
        told.collect()
    }

    fn read_documents(&mut self, problems: &mut Vec<Diagnostic>) -> Vec<Placed> {
        let mut decls = Vec::new();
        for index in 0..self.sources.len() {
            let id = SourceId(index as u32);
            let path = &self.sources[index].path;
            if !path.ends_with(".md") || path.ends_with("README.md") || is_wording(path) {
                continue;
            }
            let (document, found) = read_document(&self.sources[index], id);
            problems.extend(found);
            let Some(document) = document else { continue };
            let number = self.documents.len() as u32;
            for block in &document.blocks {
                let article = self.article(number, block);
                match block.kind {
                    BlockKind::Articles => {
                        let (parsed, found) = parse_block(&block.text, id, block.span.start);
                        problems.extend(found);
                        decls.extend(parsed.into_iter().map(|decl| Placed {
                            decl,
                            document: number,
                            article,
                        }));
                    }
                    BlockKind::Cases => self.cases.push(CaseBlock {
                        document: number,
                        article,
                        text: block.text.clone(),
                        span: block.span,
                    }),
                    BlockKind::OwnGaps => {
                        let (gaps, found) = read_own_gaps(&block.text, block.span, number, article);
                        problems.extend(found);
                        self.own_gaps.extend(gaps);
                    }
                    BlockKind::NotCarriedOut => {
                        problems.push(Diagnostic::note(block.span, format!("未实现：{}", block.text.trim())));
                    }
                }
            }
            self.documents.push(document);
        }
        decls
    }

    fn article(&mut self, document: u32, block: &Block) -> ArticleId {
        let article =
            Article { document, heading: block.article.clone(), quotation: block.quotation.clone() };
        let at = self.articles.iter().position(|known| *known == article).unwrap_or_else(|| {
            self.articles.push(article);
            self.articles.len() - 1
        });
        ArticleId(at as u32)
    }

    fn read_parameter_tables(&mut self, problems: &mut Vec<Diagnostic>) {
        for (index, source) in self.sources.iter().enumerate() {
            if Calendar::is_calendar(&source.path) {
                problems.extend(self.calendar.read(source, SourceId(index as u32)));
            } else if source.path.ends_with(".csv") {
                let (rows, found) =
                    read_parameters(source, SourceId(index as u32), &self.parameters, &self.enums);
                problems.extend(found);
                self.rows.extend(rows);
            }
        }
    }

    fn read_letters(&mut self, problems: &mut Vec<Diagnostic>) {
        let mut letters = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            if LetterTemplate::is_template(&source.path) {
                letters.extend(LetterTemplate::read(source, SourceId(index as u32), self, problems));
            }
        }
        self.letters = letters;
    }

    pub fn entity_named(&self, name: &str) -> Option<EntityId> {
        self.entities.iter().position(|entity| entity.name == name).map(|at| EntityId(at as u8))
    }

    /// What can be known of a row.
    pub fn inputs_of(&self, entity: EntityId) -> impl Iterator<Item = (InputId, &Input)> {
        let numbered = self.inputs.iter().enumerate().map(|(at, input)| (InputId(at as u32), input));
        numbered.filter(move |(_, input)| input.entity == entity)
    }

    /// Members and lists of records that belong to a row.
    pub fn entities_below(&self, parent: EntityId) -> impl Iterator<Item = (EntityId, &Entity)> {
        let numbered = self.entities.iter().enumerate().map(|(at, entity)| (EntityId(at as u8), entity));
        numbered.filter(move |(_, entity)| entity.parent == Some(parent))
    }

    pub fn input_named(&self, entity: EntityId, name: &str) -> Option<InputId> {
        let at = self.inputs.iter().position(|input| input.entity == entity && input.name == name)?;
        Some(InputId(at as u32))
    }

    pub fn rule_named(&self, entity: EntityId, name: &str) -> Option<RuleId> {
        let at = self.rules.iter().position(|rule| rule.entity == entity && rule.name == name)?;
        Some(RuleId(at as u32))
    }

    pub fn parameter_named(&self, name: &str) -> Option<ParameterId> {
        self.parameters.iter().position(|parameter| parameter.name == name).map(|at| ParameterId(at as u32))
    }

    /// `户.低保对象` -> its rule.
    pub fn rule_by_path(&self, path: &str) -> Option<RuleId> {
        let (entity, name) = path.split_once('.')?;
        self.rule_named(self.entity_named(entity)?, name)
    }

    /// `人.残疾等级` -> its input.
    pub fn input_by_path(&self, path: &str) -> Option<InputId> {
        let (entity, name) = path.split_once('.')?;
        self.input_named(self.entity_named(entity)?, name)
    }

    pub fn check_named(&self, name: &str) -> Option<CheckId> {
        self.checks.iter().position(|check| check.name == name).map(|at| CheckId(at as u32))
    }

    pub fn labels(&self, id: EnumId) -> &[String] {
        self.enums.get(id.index()).map_or(&[], |found| &found.labels)
    }

    /// `民发〔2012〕220号 第二十七条`.
    pub fn citation(&self, id: ArticleId) -> String {
        let Some(article) = self.articles.get(id.index()) else { return String::new() };
        let document = self.documents.get(article.document as usize);
        let number = document.map_or("", |document| document.id.as_str());
        format!("{number} {}", article.heading).trim().to_owned()
    }

    /// Everything that says it is not carried out, for `policy check`.
    pub fn not_carried_out(&self) -> impl Iterator<Item = NotCarriedOut<'_>> {
        self.documents.iter().flat_map(|document| {
            document.blocks.iter().filter(|block| block.kind == BlockKind::NotCarriedOut).map(|block| {
                NotCarriedOut { document: &document.id, article: &block.article, reason: block.text.trim() }
            })
        })
    }

    pub fn def(&self, id: DefId) -> Option<&Def> {
        self.defs.get(id.index())
    }
}

/// Whether a library with these diagnostics may run.
pub fn has_errors(problems: &[Diagnostic]) -> bool {
    problems.iter().any(|problem| problem.level == Level::Error)
}

/// A declaration with where it stands.
pub(crate) struct Placed {
    pub decl: Decl,
    pub document: u32,
    pub article: ArticleId,
}

/// First pass: names and types of everything that can be referred to.
struct Collector<'l> {
    library: &'l mut Library,
    problems: &'l mut Vec<Diagnostic>,
}

impl Collector<'_> {
    fn collect(&mut self, decls: &[Placed]) {
        // In this order, because types name enums, enum inputs name types, and records own inputs.
        for placed in decls {
            match &placed.decl.kind {
                DeclKind::Record { name, owner, question } => self.record(name, owner, question, placed),
                DeclKind::Enum { name, labels } if self.few(labels, placed.decl.span) => {
                    self.enumeration(Some(name), labels);
                }
                _ => {}
            }
        }
        for placed in decls {
            if let DeclKind::Input { .. } = &placed.decl.kind {
                self.input(placed);
            }
        }
        for placed in decls {
            match &placed.decl.kind {
                DeclKind::Parameter { .. } => self.parameter(placed),
                DeclKind::Rule { .. } => self.rule(placed),
                DeclKind::Set { name, base, .. } => self.set(name, base, placed),
                _ => {}
            }
        }
    }

    fn fail(&mut self, span: Span, what: String, next: String) {
        self.problems.push(Diagnostic::error(span, what).next(next));
    }

    fn record(&mut self, name: &str, owner: &str, question: &Option<String>, placed: &Placed) {
        let Some(parent) = self.library.entity_named(owner) else {
            let names: Vec<&str> = self.library.entities.iter().map(|entity| entity.name.as_str()).collect();
            let next = suggestion(owner, &names);
            return self.fail(placed.decl.span, format!("没有叫“{owner}”的实体"), next);
        };
        if self.library.entity_named(name).is_some() {
            return self.fail(
                placed.decl.span,
                format!("“{name}”已经声明过"),
                "换一个名字，或删去重复的声明".into(),
            );
        }
        if self.library.entities.len() >= MOST_ENTITIES {
            return self.fail(
                placed.decl.span,
                format!("记录太多，最多 {MOST_ENTITIES} 种"),
                "合并相近的记录，用一个选项区别".into(),
            );
        }
        let over = EntityId(self.library.entities.len() as u8);
        self.library.entities.push(Entity {
            name: name.to_owned(),
            parent: Some(parent),
            question: question.clone(),
        });
        self.library.sets.push(Set { name: name.to_owned(), over, filter: None });
    }

    fn few(&mut self, labels: &[String], span: Span) -> bool {
        let few = labels.len() <= MOST_LABELS;
        if !few {
            self.fail(span, format!("选项太多，最多 {MOST_LABELS} 个"), "分成几项事实来问".into());
        }
        few
    }

    fn enumeration(&mut self, name: Option<&str>, labels: &[String]) -> EnumId {
        let known = self.library.enums.iter().position(|found| found.labels == labels);
        let at = known.unwrap_or_else(|| {
            let name = name.map_or_else(|| labels.join("、"), str::to_owned);
            self.library.enums.push(EnumType { name, labels: labels.to_vec() });
            self.library.enums.len() - 1
        });
        EnumId(at as u16)
    }

    fn resolve_type(&mut self, ty: &TypeName, span: Span) -> Option<Type> {
        Some(match ty {
            TypeName::YesNo => Type::YesNo,
            TypeName::Money => Type::Money,
            TypeName::Amount => Type::Amount,
            TypeName::Count => Type::Count,
            TypeName::Number => Type::Number,
            TypeName::Date => Type::Date,
            TypeName::Month => Type::Month,
            TypeName::Moment => Type::Moment,
            TypeName::Labels(labels) if !self.few(labels, span) => return None,
            TypeName::Labels(labels) => Type::Enum(self.enumeration(None, labels)),
            TypeName::Named(name) => match self.named_enum(name) {
                Some(id) => Type::Enum(id),
                None => {
                    self.fail(
                        span,
                        format!("不认识的类型“{name}”"),
                        "可用的类型有：是否、金额、数额、整数、数、日期、月份、时刻，或用“、”列出选项，或一个枚举的名字".into(),
                    );
                    return None;
                }
            },
        })
    }

    /// A declared 枚举, or the type of an enum input of that name.
    fn named_enum(&self, name: &str) -> Option<EnumId> {
        if let Some(at) = self.library.enums.iter().position(|found| found.name == name) {
            return Some(EnumId(at as u16));
        }
        self.library.inputs.iter().find_map(|input| match input.ty {
            Type::Enum(id) if input.name == name => Some(id),
            _ => None,
        })
    }

    fn input(&mut self, placed: &Placed) {
        let DeclKind::Input { name, ty, period, non_negative, untried, question, suppliers, valid_months } =
            &placed.decl.kind
        else {
            return;
        };
        let Some(entity) = self.owner(name.entity.as_deref(), &name.word, name.span) else { return };
        let Some(ty) = self.resolve_type(ty, placed.decl.span) else { return };
        if self.library.input_named(entity, &name.word).is_some() {
            return self.fail(name.span, format!("输入“{}”已经声明过", name.word), "删去重复的声明".into());
        }
        let untried = match untried {
            None => Untried::Nothing,
            Some(words) if words.is_empty() => Untried::Everything,
            Some(words) => match self.untried_values(words, ty, placed.decl.span) {
                Some(values) => Untried::These(values),
                None => return,
            },
        };
        self.library.inputs.push(Input {
            entity,
            name: name.word.clone(),
            ty,
            period: *period,
            non_negative: *non_negative,
            untried,
            question: question.clone(),
            suppliers: suppliers.clone(),
            valid_months: *valid_months,
            last_month_of: None,
            article: placed.article,
        });
    }

    /// Numbers and days have no options: of them only the whole fact can be left out.
    fn untried_values(&mut self, words: &[String], ty: Type, span: Span) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        for word in words {
            let value = match ty {
                Type::YesNo | Type::Enum(_) => parse_value(word, ty, &self.library.enums),
                _ => Err("钱、数、日期后面只写 不试，整项都不试".into()),
            };
            match value {
                Ok(value) => values.push(value),
                Err(next) => {
                    self.fail(span, format!("“不试”后面的“{word}”不是这一项的选项"), next);
                    return None;
                }
            }
        }
        Some(values)
    }

    fn owner(&mut self, entity: Option<&str>, word: &str, span: Span) -> Option<EntityId> {
        let found = entity.and_then(|name| self.library.entity_named(name));
        if found.is_none() {
            let names: Vec<&str> = self.library.entities.iter().map(|entity| entity.name.as_str()).collect();
            let next = suggestion(entity.unwrap_or(""), &names);
            self.fail(span, format!("“{word}”要写明是谁的，如 户.{word} 或 人.{word}"), next);
        }
        found
    }

    fn parameter(&mut self, placed: &Placed) {
        let DeclKind::Parameter { name, dimensions, ty, period, note } = &placed.decl.kind else { return };
        let span = placed.decl.span;
        let Some(ty) = self.resolve_type(ty, span) else { return };
        let mut resolved = Vec::new();
        for dimension in dimensions {
            match self.named_enum(dimension) {
                Some(id) => resolved.push(id),
                None => {
                    return self.fail(
                        span,
                        format!("参数的维度“{dimension}”不是枚举"),
                        "维度要用一个枚举的名字，或一个选项类输入的名字（如 城乡）".into(),
                    );
                }
            }
        }
        let values: Option<usize> =
            resolved.iter().try_fold(1_usize, |all, id| all.checked_mul(self.library.labels(*id).len()));
        if values.is_none_or(|values| values > MOST_VALUES) {
            let next = "减少维度，或者减少维度里的选项".to_owned();
            return self.fail(span, format!("参数“{name}”的维度太多，最多 {MOST_VALUES} 个值"), next);
        }
        if self.library.parameter_named(name).is_some() {
            return self.fail(span, format!("参数“{name}”已经声明过"), "删去重复的声明".into());
        }
        self.library.parameters.push(Parameter {
            name: name.clone(),
            dimensions: resolved,
            ty,
            period: *period,
            note: note.clone(),
            article: placed.article,
        });
    }

    fn rule(&mut self, placed: &Placed) {
        let DeclKind::Rule { name, ty, period, .. } = &placed.decl.kind else { return };
        let Some(entity) = self.owner(name.entity.as_deref(), &name.word, name.span) else { return };
        let Some(ty) = self.resolve_type(ty, placed.decl.span) else { return };
        if self.library.input_named(entity, &name.word).is_some() {
            let next = "事实由名册和调查提供，规则由条文计算，两者不能同名".to_owned();
            return self.fail(name.span, format!("“{}”已经是输入", name.word), next);
        }
        match self.library.rule_named(entity, &name.word) {
            Some(id) if self.library.rules[id.index()].ty != ty => self.fail(
                name.span,
                format!("规则“{}”在别处是另一种类型", name.word),
                "同一条规则在各文件里类型要一致".into(),
            ),
            Some(id) => {
                let known = &mut self.library.rules[id.index()].period;
                *known = known.or(*period);
            }
            None => {
                let name = name.word.clone();
                self.library.rules.push(Rule { entity, name, ty, period: *period, defs: Vec::new() });
            }
        }
    }

    fn set(&mut self, name: &str, base: &str, placed: &Placed) {
        let Some(over) = self.library.sets.iter().find(|set| set.name == base).map(|set| set.over) else {
            let names: Vec<&str> = self.library.sets.iter().map(|set| set.name.as_str()).collect();
            let next = suggestion(base, &names);
            return self.fail(placed.decl.span, format!("没有叫“{base}”的群体"), next);
        };
        if self.library.sets.iter().any(|set| set.name == name) {
            return self.fail(placed.decl.span, format!("群体“{name}”已经声明过"), "换一个名字".into());
        }
        self.library.sets.push(Set { name: name.to_owned(), over, filter: None });
    }
}
