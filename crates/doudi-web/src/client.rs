//! From which address somebody came. Behind a proxy that is what the proxy says, and nobody else's word counts: a header
//! can be written by anybody.

use axum::http::HeaderMap;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses that begin alike: `10.1.0.0/16`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    /// Bits that are the same.
    bits: u32,
}

impl AddressRange {
    pub fn has(&self, address: IpAddr) -> bool {
        let (own, other) = (number(self.first), number(address.to_canonical()));
        let width = own.1;
        let shift = width - self.bits;
        width == other.1 && (self.bits == 0 || own.0 >> shift == other.0 >> shift)
    }
}

/// An address as a number, with how many bits it has.
fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), 32),
        IpAddr::V6(address) => (address.into(), 128),
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<AddressRange, String> {
        let wrong = || format!("“{text}”不是地址或者地址段。请写成 10.1.2.3 或 10.1.2.0/24 的样子");
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let first: IpAddr = address.parse().map_err(|_| wrong())?;
        let first = first.to_canonical();
        let width = number(first).1;
        let bits = bits.map_or(Ok(width), |bits| bits.parse::<u32>().map_err(|_| wrong()))?;
        if bits > width {
            return Err(wrong());
        }
        if bits == 0 {
            return Err(format!("“{text}”是所有的地址：谁都信，就是谁都能冒充。请只写代理的地址"));
        }
        Ok(AddressRange { first, bits })
    }
}

/// Which header the proxy writes. The other one is whatever the browser sent, so it is not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`
    #[default]
    ForwardedFor,
    /// `Forwarded` (RFC 7239)
    Forwarded,
}

/// Proxies whose word counts; without any, every header is ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    pub trusted: Vec<AddressRange>,
    pub header: ProxyHeader,
}

/// More addresses than that are somebody's joke.
const MOST_STEPS: usize = 32;

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|range| range.has(address))
    }

    /// Each proxy writes at the end from whom it had the request. Read from there, the first that is no proxy of ours is
    /// the client; what stands before it, the client may have written itself.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let mut nearest = peer;
        for step in self.steps(headers).into_iter().rev().take(MOST_STEPS) {
            // A name that hides an address, or nonsense: what is known ends here.
            let Some(address) = address(&step) else { return nearest };
            nearest = address;
            if !self.trusts(address) {
                return address;
            }
        }
        nearest
    }

    /// In the order of writing; a header that comes several times is one.
    fn steps(&self, headers: &HeaderMap) -> Vec<String> {
        let name = match self.header {
            ProxyHeader::ForwardedFor => "x-forwarded-for",
            ProxyHeader::Forwarded => "forwarded",
        };
        let lines = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
        let parts = lines.flat_map(|line| line.split(','));
        match self.header {
            ProxyHeader::ForwardedFor => parts.map(|part| part.trim().to_owned()).collect(),
            ProxyHeader::Forwarded => parts.map(forwarded_for).collect(),
        }
    }
}

/// `for=192.0.2.60;proto=https` and `for="[2001:db8::1]:4711"`; empty where it says nothing of it.
fn forwarded_for(part: &str) -> String {
    let pairs = part.split(';').filter_map(|pair| pair.split_once('='));
    let mut own = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    own.next().map_or(String::new(), |(_, value)| value.trim().trim_matches('"').to_owned())
}

/// With or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn proxies(ranges: &[&str], header: ProxyHeader) -> Proxies {
        Proxies { trusted: ranges.iter().map(|range| range.parse().expect("a range")).collect(), header }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn ranges_are_read_and_hold_what_begins_like_them() {
        let range: AddressRange = "10.1.0.0/16".parse().expect("a range");
        assert!(
            range.has(ip("10.1.255.9")) && range.has(ip("::ffff:10.1.2.3")) && !range.has(ip("10.2.0.1"))
        );
        let one: AddressRange = "::1".parse().expect("an address");
        assert!(one.has(ip("::1")) && !one.has(ip("::2")) && !one.has(ip("127.0.0.1")));
        for (wrong, why) in [
            ("0.0.0.0/0", "冒充"),
            ("::/0", "冒充"),
            ("10.0.0.0/33", "地址段"),
            ("localhost", "地址段"),
            ("", "地址段"),
        ] {
            assert!(wrong.parse::<AddressRange>().expect_err(wrong).contains(why), "{wrong}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_who_came() {
        let near = proxies(&["127.0.0.1", "10.0.0.0/8"], ProxyHeader::ForwardedFor);
        let forged = headers(&[("x-forwarded-for", "1.2.3.4")]);
        assert_eq!(near.client(ip("203.0.113.9"), &forged), ip("203.0.113.9"), "not from a proxy");
        assert_eq!(Proxies::default().client(ip("127.0.0.1"), &forged), ip("127.0.0.1"), "nobody is trusted");
        assert_eq!(near.client(ip("127.0.0.1"), &forged), ip("1.2.3.4"));
        assert_eq!(near.client(ip("127.0.0.1"), &headers(&[])), ip("127.0.0.1"), "the proxy itself");
    }

    #[test]
    fn what_a_client_writes_before_the_proxy_counts_for_nothing() {
        let near = proxies(&["127.0.0.1", "10.0.0.0/8"], ProxyHeader::ForwardedFor);
        for (written, client) in [
            ("10.9.9.9, 198.51.100.7", "198.51.100.7"),
            ("1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
            ("198.51.100.7:5566", "198.51.100.7"),
            ("[2001:db8::7]:80, 10.0.0.2", "2001:db8::7"),
            ("1.1.1.1, unknown", "127.0.0.1"),
            ("1.1.1.1, 198.51.100.7, <script>, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.5, 10.0.0.6", "10.0.0.5"),
        ] {
            let found = near.client(ip("127.0.0.1"), &headers(&[("x-forwarded-for", written)]));
            assert_eq!(found, ip(client), "{written}");
        }
        // Two headers are one: the proxy's own comes last.
        let two = headers(&[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.7")]);
        assert_eq!(near.client(ip("127.0.0.1"), &two), ip("198.51.100.7"));
        // The header that the proxy does not write is the browser's.
        let other = headers(&[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "198.51.100.7")]);
        assert_eq!(near.client(ip("127.0.0.1"), &other), ip("198.51.100.7"));
        let long = vec!["10.0.0.3"; 1_000].join(",");
        assert_eq!(near.client(ip("127.0.0.1"), &headers(&[("x-forwarded-for", &long)])), ip("10.0.0.3"));
    }

    #[test]
    fn the_other_header_is_read_where_it_was_chosen() {
        let near = proxies(&["::1"], ProxyHeader::Forwarded);
        for (written, client) in [
            ("for=1.1.1.1, For=\"[2001:db8::7]:4711\";proto=https", "2001:db8::7"),
            ("for=192.0.2.60;by=203.0.113.43", "192.0.2.60"),
            ("for=_hidden", "::1"),
            ("proto=https", "::1"),
        ] {
            let found =
                near.client(ip("::1"), &headers(&[("forwarded", written), ("x-forwarded-for", "9.9.9.9")]));
            assert_eq!(found, ip(client), "{written}");
        }
    }
}
