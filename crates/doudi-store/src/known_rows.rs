//! What the store has already of what a month brings, told by digests of the content: the same again is not written again.

use crate::db::{Connection, Param};
use crate::error::Outcome;
use crate::seal::Digest;
use std::collections::HashMap;

/// By content: the person's number and month. Two people never have one content: their ids are in it.
pub(crate) struct KnownPersons(HashMap<Digest, (i64, i32)>);

impl KnownPersons {
    pub fn load(connection: &mut Connection) -> Outcome<KnownPersons> {
        let mut known = HashMap::new();
        let sql = "SELECT person_no, month, digest FROM persons WHERE digest IS NOT NULL";
        connection.each(sql, &[], &mut |row| {
            if let Ok(digest) = row.bytes(2)?.try_into() {
                known.insert(digest, (row.int(0)?, i32::try_from(row.int(1)?).unwrap_or(i32::MIN)));
            }
            Ok(())
        })?;
        Ok(KnownPersons(known))
    }

    pub fn get(&self, digest: &Digest) -> Option<(i64, i32)> {
        self.0.get(digest).copied()
    }
}

/// Of a file's links, once all of them are written.
pub(crate) fn file_digest(connection: &mut Connection, number: i64) -> Outcome<Option<Digest>> {
    let sql = "SELECT digest FROM roster_files WHERE source_no = $1 AND digest IS NOT NULL";
    let row = connection.row(sql, &[number.into()])?;
    Ok(row.map(|row| row.bytes(0).map(|bytes| bytes.try_into().ok())).transpose()?.flatten())
}

pub(crate) fn set_file_digest(
    connection: &mut Connection,
    number: i64,
    digest: Option<&Digest>,
) -> Outcome<()> {
    let digest = digest.map_or(Param::Null, |digest| Param::Bytes(digest));
    let sql = "UPDATE roster_files SET digest = $2 WHERE source_no = $1";
    connection.execute(sql, &[number.into(), digest]).map(drop)
}
