//! Writing workbooks in the format of Excel 97-2003, as little of it as readers need. Nothing else here writes them, and
//! offices still send them (and the same under the name .et).

/// A cell to be written.
#[derive(Clone, Debug)]
pub enum OldCell {
    Blank,
    Text(String),
    Number(f64),
    /// An Excel serial day in a date format.
    Day(f64),
    /// An error value by its code: 0x2A is `#N/A`, 0x17 `#REF!`.
    Fault(u8),
}

/// A sheet to be written.
#[derive(Clone, Debug, Default)]
pub struct OldSheet {
    pub name: String,
    pub hidden: bool,
    pub rows: Vec<Vec<OldCell>>,
    /// First row, last row, first column, last column, counted from 0.
    pub merged: Vec<[u16; 4]>,
}

/// The cell format of dates: the seventeenth.
const DATE_FORMAT: u16 = 16;
const PLAIN_FORMAT: u16 = 15;
const SECTOR: usize = 512;
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

/// The bytes of a workbook.
pub fn old_workbook(sheets: &[OldSheet]) -> Vec<u8> {
    let bodies: Vec<Vec<u8>> = sheets.iter().map(body).collect();
    // The places of the sheets stand in the part before them, whose length does not depend on what they are.
    let length = globals(sheets, &vec![0; sheets.len()]).len();
    let mut place = length;
    let mut places = Vec::new();
    for body in &bodies {
        places.push(u32::try_from(place).expect("a small file"));
        place += body.len();
    }
    let mut stream = globals(sheets, &places);
    bodies.iter().for_each(|body| stream.extend(body));
    ole_file("Workbook", &stream)
}

fn record(stream: &mut Vec<u8>, kind: u16, data: &[u8]) {
    stream.extend(kind.to_le_bytes());
    stream.extend(u16::try_from(data.len()).expect("a short record").to_le_bytes());
    stream.extend(data);
}

fn begin(stream: &mut Vec<u8>, kind: u16) {
    let mut data = Vec::new();
    for number in [0x0600, kind, 0x0dbb, 0x07cc] {
        data.extend(u16::to_le_bytes(number));
    }
    data.extend([0x41, 0, 0, 0, 6, 0, 0, 0]);
    record(stream, 0x0809, &data);
}

fn globals(sheets: &[OldSheet], places: &[u32]) -> Vec<u8> {
    let mut stream = Vec::new();
    begin(&mut stream, 0x0005);
    record(&mut stream, 0x0042, &1200_u16.to_le_bytes());
    let mut font = vec![200, 0, 0, 0, 0xff, 0x7f, 0x90, 1, 0, 0, 0, 0, 0, 0];
    font.extend([5, 0]);
    font.extend(b"Arial");
    for _ in 0..4 {
        record(&mut stream, 0x0031, &font);
    }
    for format in 0..=DATE_FORMAT {
        let number_format: u16 = if format == DATE_FORMAT { 14 } else { 0 };
        let kind: u16 = if format < PLAIN_FORMAT { 0xfff5 } else { 1 };
        let mut data = vec![0, 0];
        data.extend(number_format.to_le_bytes());
        data.extend(kind.to_le_bytes());
        data.extend([0x20, 0, 0, 0xf8, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0x20]);
        record(&mut stream, 0x00e0, &data);
    }
    record(&mut stream, 0x0293, &[0, 0x80, 0, 0xff]);
    for (sheet, place) in sheets.iter().zip(places) {
        let mut data = place.to_le_bytes().to_vec();
        data.extend([u8::from(sheet.hidden), 0]);
        let name: Vec<u16> = sheet.name.encode_utf16().collect();
        data.extend([u8::try_from(name.len()).expect("a short name"), 1]);
        data.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
        record(&mut stream, 0x0085, &data);
    }
    record(&mut stream, 0x000a, &[]);
    stream
}

fn body(sheet: &OldSheet) -> Vec<u8> {
    let mut stream = Vec::new();
    begin(&mut stream, 0x0010);
    let width = sheet.rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut size = 0_u32.to_le_bytes().to_vec();
    size.extend(u32::try_from(sheet.rows.len()).expect("few rows").to_le_bytes());
    size.extend([0, 0]);
    size.extend(u16::try_from(width).expect("few columns").to_le_bytes());
    size.extend([0, 0]);
    record(&mut stream, 0x0200, &size);
    for (row, cells) in (0_u16..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            write_cell(&mut stream, row, column, cell);
        }
    }
    if !sheet.merged.is_empty() {
        let mut data = u16::try_from(sheet.merged.len()).expect("few areas").to_le_bytes().to_vec();
        data.extend(sheet.merged.iter().flatten().flat_map(|number| number.to_le_bytes()));
        record(&mut stream, 0x00e5, &data);
    }
    let mut window = vec![0xb6, 6];
    window.resize(18, 0);
    record(&mut stream, 0x023e, &window);
    record(&mut stream, 0x000a, &[]);
    stream
}

fn write_cell(stream: &mut Vec<u8>, row: u16, column: u16, cell: &OldCell) {
    let format = if matches!(cell, OldCell::Day(_)) { DATE_FORMAT } else { PLAIN_FORMAT };
    let mut data: Vec<u8> = [row, column, format].iter().flat_map(|number| number.to_le_bytes()).collect();
    match cell {
        OldCell::Blank => record(stream, 0x0201, &data),
        OldCell::Text(text) => {
            let units: Vec<u16> = text.encode_utf16().collect();
            data.extend(u16::try_from(units.len()).expect("a short text").to_le_bytes());
            data.push(1);
            data.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
            record(stream, 0x0204, &data);
        }
        OldCell::Number(number) | OldCell::Day(number) => {
            data.extend(number.to_le_bytes());
            record(stream, 0x0203, &data);
        }
        OldCell::Fault(code) => {
            data.extend([*code, 1]);
            record(stream, 0x0205, &data);
        }
    }
}

/// An OLE file with one stream: what old workbooks and locked new ones are wrapped in.
pub fn ole_file(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    // Shorter streams would have to lie in a second file system within the first.
    stream.resize(stream.len().max(4096).next_multiple_of(SECTOR), 0);
    let data_sectors = stream.len() / SECTOR;
    let fat_sectors = (data_sectors + 1).div_ceil(SECTOR / 4 - 1);
    let sector = |count: usize| u32::try_from(count).expect("a small file");
    let (directory, first) = (sector(fat_sectors), sector(fat_sectors + 1));

    let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    file.resize(24, 0);
    for number in [0x003e_u16, 3, 0xfffe, 9, 6] {
        file.extend(number.to_le_bytes());
    }
    file.resize(44, 0);
    for number in [sector(fat_sectors), directory, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0] {
        file.extend(number.to_le_bytes());
    }
    (0..109).for_each(|index| {
        file.extend((if index < fat_sectors { sector(index) } else { FREE }).to_le_bytes());
    });

    let mut fat = vec![0xffff_fffd_u32; fat_sectors];
    fat.push(END_OF_CHAIN);
    (1..sector(data_sectors)).for_each(|step| fat.push(first + step));
    fat.push(END_OF_CHAIN);
    fat.resize(fat_sectors * SECTOR / 4, FREE);
    file.extend(fat.iter().flat_map(|next| next.to_le_bytes()));

    file.extend(directory_entry("Root Entry", 5, 1, END_OF_CHAIN, 0));
    file.extend(directory_entry(name, 2, FREE, first, sector(stream.len())));
    file.extend([0_u8; 256]);
    file.extend(stream);
    file
}

fn directory_entry(name: &str, kind: u8, child: u32, start: u32, length: u32) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let name_bytes = u16::try_from(entry.len() + 2).expect("a short name");
    entry.resize(64, 0);
    entry.extend(name_bytes.to_le_bytes());
    entry.extend([kind, 1]);
    for neighbour in [FREE, FREE, child] {
        entry.extend(neighbour.to_le_bytes());
    }
    entry.resize(116, 0);
    entry.extend(start.to_le_bytes());
    entry.extend(length.to_le_bytes());
    entry.resize(128, 0);
    entry
}
