//! A Rust file seen as code, literals and tests. Not a parser: it knows comments, literals, attributes and braces, which
//! is all that the repository's rules ask about.

pub struct RustSource {
    /// The text with comments and the insides of literals blanked; line for line and character for character the same.
    code: Vec<char>,
    pub literals: Vec<Literal>,
    line_starts: Vec<usize>,
    /// Lines (from 1) that exist only in tests.
    test_lines: Vec<bool>,
}

pub struct Literal {
    pub line: usize,
    pub text: String,
    /// Inside `#[…]`: help texts of the command line, reasons of lints.
    pub in_attribute: bool,
}

pub struct Function {
    pub line: usize,
    pub name: String,
    /// Lines that carry code; blank lines and comments are free.
    pub code_lines: usize,
}

impl RustSource {
    pub fn read(text: &str) -> RustSource {
        let scanned = Scanner::scan(text);
        let mut line_starts = vec![0];
        line_starts
            .extend(scanned.code.iter().enumerate().filter(|(_, c)| **c == '\n').map(|(at, _)| at + 1));
        let mut source =
            RustSource { code: scanned.code, literals: Vec::new(), line_starts, test_lines: Vec::new() };
        source.test_lines = source.find_test_lines();
        let attributes = source.attributes();
        source.literals = scanned
            .literals
            .into_iter()
            .map(|(at, text)| Literal {
                line: source.line_of(at),
                in_attribute: attributes.iter().any(|(start, end)| (*start..*end).contains(&at)),
                text,
            })
            .collect();
        source
    }

    pub fn is_test_line(&self, line: usize) -> bool {
        self.test_lines.get(line).copied().unwrap_or(false)
    }

    /// Lines of code with their numbers, tests left out.
    pub fn shipped_lines(&self) -> impl Iterator<Item = (usize, String)> + '_ {
        (1..=self.line_starts.len())
            .filter(|line| !self.is_test_line(*line))
            .map(|line| (line, self.line(line).iter().collect()))
    }

    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = self.find_word("fn", at) {
            at = start + 2;
            let name: String =
                self.code[at..].iter().skip_while(|c| **c == ' ').take_while(|c| is_word(**c)).collect();
            if name.is_empty() {
                continue; // a function pointer's type
            }
            let Some(open) = self.body(at) else { continue };
            let close = self.closing(open, '{', '}');
            let (first, last) = (self.line_of(start), self.line_of(close));
            let code_lines =
                (first..=last).filter(|line| self.line(*line).iter().any(|c| !c.is_whitespace())).count();
            found.push(Function { line: first, name, code_lines });
        }
        found
    }

    fn line(&self, line: usize) -> &[char] {
        let end = self.line_starts.get(line).copied().unwrap_or(self.code.len());
        &self.code[self.line_starts[line - 1]..end]
    }

    fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    fn find_word(&self, word: &str, from: usize) -> Option<usize> {
        let wanted: Vec<char> = word.chars().collect();
        let end = self.code.len().checked_sub(wanted.len())?;
        (from..=end).find(|at| {
            self.code[*at..].starts_with(&wanted)
                && !(*at > 0 && is_word(self.code[*at - 1]))
                && !self.code.get(*at + wanted.len()).is_some_and(|c| is_word(*c))
        })
    }

    /// The brace that opens the next item's body; `None` for an item that ends with `;`.
    fn body(&self, from: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for (at, c) in self.code.iter().enumerate().skip(from) {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                ';' if depth == 0 => return None,
                '{' if depth == 0 => return Some(at),
                _ => {}
            }
        }
        None
    }

    fn closing(&self, open: usize, opening: char, closing: char) -> usize {
        let mut depth = 0_i32;
        for (at, c) in self.code.iter().enumerate().skip(open) {
            if *c == opening {
                depth += 1;
            } else if *c == closing {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
        }
        self.code.len().saturating_sub(1)
    }

    /// Stretches from `#[` to its `]`.
    fn attributes(&self) -> Vec<(usize, usize)> {
        (0..self.code.len())
            .filter(|at| self.code[*at] == '#' && matches!(self.code.get(at + 1), Some('[' | '!')))
            .filter_map(|at| {
                let open = (at..at + 3).find(|place| self.code.get(*place) == Some(&'['))?;
                Some((at, self.closing(open, '[', ']')))
            })
            .collect()
    }

    fn find_test_lines(&self) -> Vec<bool> {
        let mut lines = vec![false; self.line_starts.len() + 1];
        for (start, end) in self.attributes() {
            let text: String = self.code[start..=end].iter().filter(|c| !c.is_whitespace()).collect();
            if text != "#[cfg(test)]" {
                continue;
            }
            let item_end = match self.body(end + 1) {
                Some(open) => self.closing(open, '{', '}'),
                None => end,
            };
            lines[self.line_of(start)..=self.line_of(item_end)].fill(true);
        }
        lines
    }
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Scanner {
    text: Vec<char>,
    code: Vec<char>,
    literals: Vec<(usize, String)>,
}

impl Scanner {
    fn scan(text: &str) -> Scanner {
        let text: Vec<char> = text.chars().collect();
        let mut scanner = Scanner { code: text.clone(), text, literals: Vec::new() };
        let mut at = 0;
        while at < scanner.text.len() {
            at = scanner.step(at);
        }
        scanner
    }

    fn peek(&self, at: usize) -> char {
        self.text.get(at).copied().unwrap_or('\0')
    }

    /// Handles what starts here; returns where the next thing starts.
    fn step(&mut self, at: usize) -> usize {
        match (self.peek(at), self.peek(at + 1)) {
            ('/', '/') => {
                let end = (at..self.text.len()).find(|i| self.text[*i] == '\n').unwrap_or(self.text.len());
                self.blank(at, end);
                end
            }
            ('/', '*') => {
                let end = self.block_comment(at);
                self.blank(at, end);
                end
            }
            ('"', _) => self.string(at),
            ('r', '"' | '#') if at == 0 || !is_word(self.peek(at - 1)) || self.byte_prefix(at) => {
                self.raw_string(at)
            }
            ('\'', '\\') => self.character(at),
            ('\'', _) if self.peek(at + 2) == '\'' => {
                self.blank(at + 1, at + 2);
                at + 3
            }
            _ => at + 1,
        }
    }

    fn byte_prefix(&self, at: usize) -> bool {
        matches!(self.peek(at - 1), 'b' | 'c') && (at < 2 || !is_word(self.peek(at - 2)))
    }

    fn blank(&mut self, from: usize, to: usize) {
        let end = to.min(self.code.len());
        for place in &mut self.code[from..end] {
            if *place != '\n' {
                *place = ' ';
            }
        }
    }

    fn block_comment(&self, start: usize) -> usize {
        let (mut at, mut depth) = (start, 0);
        while at < self.text.len() {
            match (self.peek(at), self.peek(at + 1)) {
                ('/', '*') => {
                    depth += 1;
                    at += 2;
                }
                ('*', '/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return at;
                    }
                }
                _ => at += 1,
            }
        }
        self.text.len()
    }

    fn string(&mut self, start: usize) -> usize {
        let mut end = start + 1;
        while end < self.text.len() && self.text[end] != '"' {
            end += if self.text[end] == '\\' { 2 } else { 1 };
        }
        self.literal(start, start + 1, end);
        end + 1
    }

    fn raw_string(&mut self, start: usize) -> usize {
        let hashes = self.text[start + 1..].iter().take_while(|c| **c == '#').count();
        let open = start + 1 + hashes;
        if self.peek(open) != '"' {
            return start + 1; // r#name
        }
        let mut end = open + 1;
        while end < self.text.len() {
            let closes = self.text[end] == '"' && (1..=hashes).all(|i| self.peek(end + i) == '#');
            if closes {
                break;
            }
            end += 1;
        }
        self.literal(start, open + 1, end);
        end + 1 + hashes
    }

    fn character(&mut self, start: usize) -> usize {
        let end = (start + 3..self.text.len()).find(|i| self.text[*i] == '\'').unwrap_or(self.text.len());
        self.blank(start + 1, end);
        end + 1
    }

    fn literal(&mut self, start: usize, from: usize, to: usize) {
        let to = to.min(self.text.len());
        let from = from.min(to);
        self.literals.push((start, self.text[from..to].iter().collect()));
        self.blank(from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"
#[arg(help = "低保")]
fn one<'a>(x: &'a str) -> char { // fn comment() {
    let _ = "say \"fn two() {\"";
    let _ = r#"raw " fn"#;
    '{'
}
#[cfg(test)]
mod tests {
    fn three() { println!("in a test"); }
}
fn four() {}
"##;

    #[test]
    fn comments_and_literals_are_not_code() {
        let source = RustSource::read(TEXT);
        let names: Vec<String> = source.functions().into_iter().map(|function| function.name).collect();
        assert_eq!(names, ["one", "three", "four"]);
        let texts: Vec<&str> = source.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["低保", "say \\\"fn two() {\\\"", "raw \" fn", "in a test"]);
        assert_eq!(
            source.literals.iter().map(|literal| literal.in_attribute).collect::<Vec<_>>(),
            [true, false, false, false]
        );
    }

    #[test]
    fn test_modules_are_known_by_their_lines() {
        let source = RustSource::read(TEXT);
        let shipped: Vec<usize> = source.shipped_lines().map(|(line, _)| line).collect();
        assert!(shipped.contains(&7) && !shipped.contains(&8) && !shipped.contains(&10), "{shipped:?}");
        assert!(shipped.contains(&12));
    }
}
