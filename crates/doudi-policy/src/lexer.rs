//! Text of a 条文 block -> tokens. Full-width and ASCII punctuation are the same token.

use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use doudi_terms::{Date, parse_date};

#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// A name or a keyword: the parser knows which.
    Word(String),
    /// Digits as written and the unit glued to them (`元`, `万元`, `%`, `个月`, or empty).
    Number {
        digits: String,
        unit: String,
    },
    Date(Date),
    /// Text between “ ” or " ".
    Text(String),
    /// A label between 「 」.
    Label(String),
    Punct(Punct),
    Comment(String),
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Punct {
    Colon,
    Comma,
    Enumerate,
    Dot,
    Question,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Plus,
    Minus,
    Times,
    Divide,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
    /// First on its line: where declarations and clauses may start.
    pub starts_line: bool,
}

/// Lexes one block. `offset` is the block's first byte in its source. Never fails: what cannot be read becomes a
/// diagnostic and is skipped. Comments are kept (the formatter needs them); the parser drops them.
pub fn lex(text: &str, source: SourceId, offset: u32) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer =
        Lexer { text, source, offset, at: 0, tokens: Vec::new(), problems: Vec::new(), blank: true };
    while lexer.step() {}
    let end = lexer.span(lexer.at);
    lexer.tokens.push(Token { kind: TokenKind::End, span: end, starts_line: true });
    (lexer.tokens, lexer.problems)
}

struct Lexer<'a> {
    text: &'a str,
    source: SourceId,
    offset: u32,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<Diagnostic>,
    /// Nothing but blanks since the line began.
    blank: bool,
}

/// Units that may be glued to a number, longest first.
const UNITS: [&str; 16] = [
    "个工作日",
    "个自然日",
    "个月",
    "周岁",
    "万元",
    "小时",
    "元",
    "岁",
    "年",
    "月",
    "天",
    "日",
    "人",
    "倍",
    "项",
    "次",
];

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn span(&self, start: usize) -> Span {
        Span { source: self.source, start: self.offset + start as u32, end: self.offset + self.at as u32 }
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        let starts_line = std::mem::replace(&mut self.blank, false);
        self.tokens.push(Token { kind, span: self.span(start), starts_line });
    }

    fn step(&mut self) -> bool {
        let Some(c) = self.rest().chars().next() else { return false };
        let start = self.at;
        if c.is_whitespace() {
            self.at += c.len_utf8();
            self.blank |= c == '\n';
        } else if self.rest().starts_with("--") {
            let line = self.rest().lines().next().unwrap_or("");
            self.at += line.len();
            self.push(start, TokenKind::Comment(line.trim_start_matches('-').trim().to_owned()));
        } else if c.is_ascii_digit() || ('０'..='９').contains(&c) {
            self.number(start);
        } else if let Some((close, label)) = match c {
            '“' => Some(('”', false)),
            '"' => Some(('"', false)),
            '「' => Some(('」', true)),
            _ => None,
        } {
            self.quoted(start, c, close, label);
        } else if is_word(c) {
            self.word(start);
        } else {
            self.punct(start, c);
        }
        true
    }

    fn quoted(&mut self, start: usize, open: char, close: char, label: bool) {
        let body = self.rest().get(open.len_utf8()..).unwrap_or("");
        let Some(length) = body.find(close).filter(|length| !body[..*length].contains('\n')) else {
            self.at += self.rest().lines().next().unwrap_or("").len().max(open.len_utf8());
            self.blank = false;
            self.problems.push(
                Diagnostic::error(self.span(start), format!("“{open}”没有配对的“{close}”"))
                    .why("一段文字要写在同一行的一对引号里")
                    .next(format!("在这一行末尾补上“{close}”")),
            );
            return;
        };
        let text = body[..length].to_owned();
        self.at += open.len_utf8() + length + close.len_utf8();
        self.push(start, if label { TokenKind::Label(text) } else { TokenKind::Text(text) });
    }

    fn word(&mut self, start: usize) {
        let length = self.rest().find(|c: char| !is_word(c)).unwrap_or(self.rest().len());
        self.at += length;
        let word = &self.text[start..self.at];
        // 「共同生活成员的」 is the name and the particle; a lone 「的」 and 「的周岁」 are words of their own.
        match word.strip_suffix('的') {
            Some(name) if !name.is_empty() => {
                let particle = self.at - '的'.len_utf8();
                let whole = self.at;
                self.at = particle;
                self.push(start, TokenKind::Word(name.to_owned()));
                self.at = whole;
                self.push(particle, TokenKind::Word("的".to_owned()));
            }
            _ => self.push(start, TokenKind::Word(word.to_owned())),
        }
    }

    fn number(&mut self, start: usize) {
        if let Some((length, date)) = leading_date(self.rest()) {
            self.at += length;
            self.push(start, TokenKind::Date(date));
            return;
        }
        let mut digits = String::new();
        for c in self.rest().chars() {
            match c {
                '0'..='9' | '.' => digits.push(c),
                '０'..='９' => digits.extend(char::from_u32(u32::from(c) - 0xFEE0)),
                _ => break,
            }
            self.at += c.len_utf8();
        }
        let mut unit = String::new();
        if self.rest().starts_with(['%', '％']) {
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            unit.push('%');
        } else if let Some(found) = UNITS.iter().find(|unit| self.rest().starts_with(**unit)) {
            self.at += found.len();
            unit.push_str(found);
        }
        self.push(start, TokenKind::Number { digits, unit });
    }

    fn punct(&mut self, start: usize, c: char) {
        let two = self.rest().get(..2).unwrap_or("");
        let (punct, length) = match (two, c) {
            ("<=", _) => (Punct::LessEqual, 2),
            (">=", _) => (Punct::GreaterEqual, 2),
            ("!=", _) => (Punct::NotEqual, 2),
            (_, ':' | '：') => (Punct::Colon, c.len_utf8()),
            (_, ',' | '，') => (Punct::Comma, c.len_utf8()),
            (_, '、') => (Punct::Enumerate, c.len_utf8()),
            (_, '.' | '．') => (Punct::Dot, c.len_utf8()),
            (_, '?' | '？') => (Punct::Question, c.len_utf8()),
            (_, '(' | '（') => (Punct::Open, c.len_utf8()),
            (_, ')' | '）') => (Punct::Close, c.len_utf8()),
            (_, '[' | '［' | '【') => (Punct::OpenBracket, c.len_utf8()),
            (_, ']' | '］' | '】') => (Punct::CloseBracket, c.len_utf8()),
            (_, '+' | '＋') => (Punct::Plus, c.len_utf8()),
            (_, '-' | '−' | '－') => (Punct::Minus, c.len_utf8()),
            (_, '*' | '×') => (Punct::Times, c.len_utf8()),
            (_, '/' | '÷') => (Punct::Divide, c.len_utf8()),
            (_, '<' | '＜') => (Punct::Less, c.len_utf8()),
            (_, '>' | '＞') => (Punct::Greater, c.len_utf8()),
            (_, '≤') => (Punct::LessEqual, c.len_utf8()),
            (_, '≥') => (Punct::GreaterEqual, c.len_utf8()),
            (_, '=' | '＝') => (Punct::Equal, c.len_utf8()),
            (_, '≠') => (Punct::NotEqual, c.len_utf8()),
            _ => {
                self.at += c.len_utf8();
                self.blank = false;
                self.problems.push(
                    Diagnostic::error(self.span(start), format!("这里不能用“{c}”"))
                        .next("条文里只用汉字名称、数字、“文字”、「标签」和 + − × ÷ （ ） [ ] 、 ： 等符号"),
                );
                return;
            }
        };
        self.at += length;
        self.push(start, TokenKind::Punct(punct));
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '·'
}

/// `2020-04-30` or `2020年4月30日` at the start of a text, with its length in bytes.
fn leading_date(text: &str) -> Option<(usize, Date)> {
    let iso = text.get(..10).filter(|t| t.as_bytes()[4] == b'-' && t.as_bytes()[7] == b'-');
    if let Some(date) = iso.and_then(parse_date) {
        return Some((10, date));
    }
    let end = text.char_indices().take(12).find(|(_, c)| *c == '日').map(|(at, c)| at + c.len_utf8())?;
    let written = text.get(..end)?;
    (written.contains('年') && written.contains('月')).then_some(())?;
    parse_date(written).map(|date| (end, date))
}
