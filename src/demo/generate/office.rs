//! The simulated agencies as an administrator knows them: names, tiers, codes, and the look of a record's number.

use chrono::{Datelike, NaiveDate};

use crate::domain::Tier;

/// One agency whose system supplies records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Office {
    Bxd,
    Byt,
    Bgddt,
    Btp,
    Bhxh,
    Thue,
    HaNoi,
    BacNinh,
    DaNang,
    NgheAn,
}

impl Office {
    /// Every agency, ministries first.
    pub const ALL: &'static [Self] = &[
        Self::Bxd,
        Self::Byt,
        Self::Bgddt,
        Self::Btp,
        Self::Bhxh,
        Self::Thue,
        Self::HaNoi,
        Self::BacNinh,
        Self::DaNang,
        Self::NgheAn,
    ];

    /// The source id, as in `sources.d/<id>.toml`.
    pub const fn source_id(self) -> &'static str {
        match self {
            Self::Bxd => "bxd",
            Self::Byt => "byt",
            Self::Bgddt => "bgddt",
            Self::Btp => "btp",
            Self::Bhxh => "nganh-bhxh",
            Self::Thue => "nganh-thue",
            Self::HaNoi => "tinh-hanoi",
            Self::BacNinh => "tinh-bacninh",
            Self::DaNang => "tinh-danang",
            Self::NgheAn => "tinh-nghean",
        }
    }

    /// Reads a source id.
    pub fn parse(source_id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|office| office.source_id() == source_id)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Bxd => "Bộ Xây dựng",
            Self::Byt => "Bộ Y tế",
            Self::Bgddt => "Bộ Giáo dục và Đào tạo",
            Self::Btp => "Bộ Tư pháp",
            Self::Bhxh => "Bảo hiểm xã hội Việt Nam",
            Self::Thue => "Cục Thuế",
            Self::HaNoi => "UBND thành phố Hà Nội",
            Self::BacNinh => "UBND tỉnh Bắc Ninh",
            Self::DaNang => "UBND thành phố Đà Nẵng",
            Self::NgheAn => "UBND tỉnh Nghệ An",
        }
    }

    /// The agency's identity code (Decision 20/2020/QD-TTg); the two branches stand under the Ministry of Finance.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bxd => "G17",
            Self::Byt => "G18",
            Self::Bgddt => "G03",
            Self::Btp => "G15",
            Self::Bhxh => "G12.34",
            Self::Thue => "G12.18",
            Self::HaNoi => "H26",
            Self::BacNinh => "H05",
            Self::DaNang => "H17",
            Self::NgheAn => "H41",
        }
    }

    pub const fn tier(self) -> Tier {
        match self {
            Self::Bxd | Self::Byt | Self::Bgddt | Self::Btp => Tier::Ministry,
            Self::Bhxh | Self::Thue => Tier::Branch,
            Self::HaNoi | Self::BacNinh | Self::DaNang | Self::NgheAn => Tier::Local,
        }
    }

    /// Today's code of the province a local government governs.
    pub const fn province(self) -> Option<&'static str> {
        match self {
            Self::HaNoi => Some("01"),
            Self::BacNinh => Some("24"),
            Self::DaNang => Some("48"),
            Self::NgheAn => Some("40"),
            _ => None,
        }
    }

    /// The organ that signs this agency's decisions, as in `123/QĐ-UBND`.
    pub const fn signs_as(self) -> &'static str {
        match self {
            Self::Bxd => "BXD",
            Self::Byt => "BYT",
            Self::Bgddt => "BGDĐT",
            Self::Btp => "BTP",
            Self::Bhxh => "BHXH",
            Self::Thue => "CT",
            Self::HaNoi | Self::BacNinh | Self::DaNang | Self::NgheAn => "UBND",
        }
    }

    /// The agency's own number of its record number `seq` (from 1), entered on `day`.
    pub fn record_id(self, seq: u32, day: NaiveDate) -> String {
        let year = day.year();
        match self {
            Self::Bxd => format!("BXD-{year}-{seq:06}"),
            Self::Byt => format!("{seq}/{year}/ĐT-BYT"),
            Self::Bgddt => format!("{:08x}-{:04x}", seq.wrapping_mul(2_654_435_761), seq & 0xffff),
            Self::Btp => format!("btp:{seq}"),
            Self::Bhxh => format!("{year}{seq:07}"),
            Self::Thue => format!("{}", 900_000 + seq),
            Self::HaNoi => format!("HN.{:02}.{seq:05}", year.rem_euclid(100)),
            Self::BacNinh => format!("KNTC/{year}/{seq}"),
            Self::DaNang => format!("dn-{seq:06}"),
            Self::NgheAn => format!("{seq:05}-{}", day.format("%d%m%Y")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceId;

    #[test]
    fn names_are_good_and_apart() {
        for office in Office::ALL {
            assert_eq!(SourceId::parse(office.source_id()).unwrap().as_str(), office.source_id());
            assert_eq!(Office::parse(office.source_id()), Some(*office));
            let ids: std::collections::BTreeSet<String> =
                (1..5_000).map(|seq| office.record_id(seq, NaiveDate::default())).collect();
            assert_eq!(ids.len(), 4_999, "{office:?} gives one number twice");
        }
        let codes: std::collections::BTreeSet<&str> = Office::ALL.iter().map(|office| office.code()).collect();
        assert_eq!(codes.len(), Office::ALL.len());
    }
}
