//! What lies in the data folder of a roster that a certificate names: whether it is all there, and unchanged.

use crate::certificate::{Certificate, CertifiedInput, StoredHashes};
use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::lake::StoredRoster;
use std::path::PathBuf;

/// Facts, then identity.
fn places(folder: &DataFolder, roster: &StoredRoster) -> Outcome<[PathBuf; 2]> {
    let month = roster.month()?;
    let file = format!("{}.parquet", roster.key);
    Ok([folder.lake(&roster.roster, month).join(&file), folder.identity(&roster.roster, month).join(&file)])
}

pub(crate) fn hashes(folder: &DataFolder, roster: &StoredRoster) -> Outcome<StoredHashes> {
    let [facts, identity] = places(folder, roster)?.map(|path| folder.spot(&path).sha256());
    Ok(StoredHashes { facts: facts?, identity: identity? })
}

/// The first stored roster that is missing or changed, in words.
pub(crate) fn first_difference(folder: &DataFolder, certificate: &Certificate) -> Outcome<Option<String>> {
    for input in &certificate.inputs {
        if let Some(difference) = differs(folder, input)? {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

fn differs(folder: &DataFolder, input: &CertifiedInput) -> Outcome<Option<String>> {
    for path in places(folder, input)? {
        if !path.is_file() {
            let place = path.display();
            return Ok(Some(format!("存入的名册 {}（{}）不见了：{place}", input.place(), input.month)));
        }
    }
    let Some(stored) = &input.stored_sha256 else { return Ok(None) };
    let found = hashes(folder, input)?;
    let half = match (found.facts == stored.facts, found.identity == stored.identity) {
        (true, true) => return Ok(None),
        (false, _) => "事实部分",
        (true, false) => "身份部分",
    };
    Ok(Some(format!("存入的名册 {}（{}）的{half}被改动过", input.place(), input.month)))
}
