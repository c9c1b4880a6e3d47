//! `doudi policy diff`: what is different between two policies folders, in words.

mod compare;
mod parameters;
mod side;
mod words;

use super::bad_input;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use side::Side;

#[derive(Args)]
#[command(after_help = "两边一样，退出码是 0；不一样，是 1；有一边读不出来，是 3。")]
pub struct DiffArgs {
    /// 原来的政策文件夹；写 embedded 是程序自带的
    #[arg(value_name = "A")]
    before: String,
    /// 现在的政策文件夹；写 embedded 是程序自带的
    #[arg(value_name = "B")]
    after: String,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &DiffArgs) -> Exit {
    let read = Side::read(&args.before).and_then(|before| Ok((before, Side::read(&args.after)?)));
    let (before, after) = match read {
        Ok(sides) => sides,
        Err(message) => return bad_input(&message),
    };
    let difference = compare::compare(&before, &after, &Divisions::read());
    if args.json {
        match serde_json::to_string(&difference) {
            Ok(text) => crate::print_line(&text),
            Err(error) => {
                eprintln!("结果写不成 JSON：{error}");
                return Exit::Internal;
            }
        }
    } else {
        crate::print_line(words::text(&difference).trim_end());
    }
    if difference.same { Exit::Done } else { Exit::No }
}
