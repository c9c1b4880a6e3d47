//! The policies of one place in a browser, without a network: JSON in, JSON out, over a plain C interface.
//!
//! A caller asks for room with [`doudi_room`], writes a request there as UTF-8, calls [`doudi_answer`], which returns the
//! length of the reply, and reads the reply at [`doudi_reply`]. The first request opens a bundle; what can be asked of it
//! stands in [`Desk::answer`]. No unsafe code reads foreign memory: the room is an ordinary vector of this side.

mod assess;
mod desk;
mod form;

pub use desk::{Bundle, Desk, Programme};

use doudi_policy::Strict;
use serde_json::json;
use std::cell::RefCell;

#[derive(Default)]
struct Counter {
    room: Vec<u8>,
    reply: Vec<u8>,
    desk: Option<Desk>,
}

thread_local! {
    static COUNTER: RefCell<Counter> = RefCell::default();
}

/// Makes room for a request of `length` bytes and says where; valid until the next call.
#[expect(
    unsafe_code,
    reason = "an exported name is how a browser finds the function; nothing here dereferences"
)]
#[unsafe(no_mangle)]
pub extern "C" fn doudi_room(length: usize) -> *mut u8 {
    COUNTER.with_borrow_mut(|counter| {
        counter.room.clear();
        counter.room.resize(length, 0);
        counter.room.as_mut_ptr()
    })
}

/// Answers the request in the room; returns the length of the reply in bytes.
#[expect(unsafe_code, reason = "see doudi_room")]
#[unsafe(no_mangle)]
pub extern "C" fn doudi_answer() -> usize {
    COUNTER.with_borrow_mut(|counter| {
        let request = String::from_utf8_lossy(&counter.room).into_owned();
        counter.reply = counter.answer(&request).into_bytes();
        counter.reply.len()
    })
}

/// Where the last reply stands; valid until the next call.
#[expect(unsafe_code, reason = "see doudi_room")]
#[unsafe(no_mangle)]
pub extern "C" fn doudi_reply() -> *const u8 {
    COUNTER.with_borrow(|counter| counter.reply.as_ptr())
}

impl Counter {
    /// `{"op": "open", …a bundle…}` once, then the questions of [`Desk::answer`]. Problems come back as `{"error": …}`.
    fn answer(&mut self, request: &str) -> String {
        let request = match serde_json::from_str(request) {
            Ok(Strict(request)) => request,
            Err(error) => return json!({ "error": format!("请求读不懂：{error}") }).to_string(),
        };
        let reply = if request["op"] == "open" {
            Bundle::read(&request).and_then(Desk::open).map(|desk| {
                let opened = desk.opened();
                self.desk = Some(desk);
                opened
            })
        } else {
            self.desk
                .as_mut()
                .ok_or_else(|| "还没有打开政策".to_owned())
                .and_then(|desk| desk.answer(&request))
        };
        reply.unwrap_or_else(|error| json!({ "error": error })).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_the_bundle_or_is_no_json_is_told_and_nothing_breaks() {
        let mut counter = Counter::default();
        for request in ["", "{", "[]", "{\"op\":\"assess\"}", "{\"op\":\"open\",\"sources\":3}"] {
            assert!(counter.answer(request).starts_with("{\"error\":"), "{request}");
        }
    }

    #[test]
    fn a_fact_written_twice_is_told_and_neither_is_taken() {
        let request = r#"{"op":"assess","facts":{"household":{"存款":"1元","存款":"2元"}}}"#;
        let told = Counter::default().answer(request);
        assert!(told.contains("“存款”写了两次"), "{told}");
    }

    #[test]
    fn a_request_goes_through_the_room_and_the_reply_comes_back() {
        let request = b"{\"op\":\"form\"}";
        let room = doudi_room(request.len());
        assert!(!room.is_null());
        COUNTER.with_borrow_mut(|counter| counter.room.copy_from_slice(request));
        let length = doudi_answer();
        let reply = COUNTER.with_borrow(|counter| String::from_utf8(counter.reply.clone()).expect("text"));
        assert_eq!(length, reply.len());
        assert!(reply.contains("还没有打开政策"), "{reply}");
        assert!(!doudi_reply().is_null());
    }
}
