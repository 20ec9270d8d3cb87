//! What stands in a row stands in its JSON, digit by digit.

use petitiond::sources::sql::SqlConfig;
use serde_json::{Value, json};

use super::{client, config, whole};
use crate::support::table::{AgencyDatabase, Make};

async fn only_row(config: &SqlConfig) -> Value {
    let mut records = whole(&client(config), None).await.records;
    assert_eq!(records.len(), 1);
    records.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_postgresql() {
    let database = AgencyDatabase::create(Make::Postgres).await;
    database.run("CREATE TYPE muc AS ENUM ('cao', 'thấp')").await;
    let query = r#"SELECT 12345678901234567890.123456789012345::numeric AS "Số tiền", 0.10::numeric(9,2) AS le,
        9223372036854775807::int8 AS dai, (-32768)::int2 AS ngan, 0.1::float8 AS thuc, 'NaN'::float8 AS khong_so,
        true AS co, B'1' AS bit1, B'1010' AS bit4,
        '\x00ff10'::bytea AS tep, repeat('x', 300)::bytea AS tep_dai, NULL::text AS trong,
        '2024-03-05 10:00:00.123456+07'::timestamptz AS moc, '2024-03-05 10:00:00'::timestamp AS gio,
        'infinity'::timestamp AS mai, '2024-03-05'::date AS ngay, '10:00:00'::time AS luc,
        '1 day 02:00'::interval AS trong_khoang,
        '{"a": [1, 1.10], "b": null}'::jsonb AS j, '6f1c3b1e-0000-4000-8000-000000000000'::uuid AS ma,
        ARRAY['Hoa', NULL, 'Lan, "x"'] AS ten, ARRAY[1.10, 2]::numeric[] AS gia, 'thấp'::muc AS muc,
        E'Nguyễn\n"Thị" Hoa' AS chu, '12.50'::money::text IS NOT NULL AS tien"#;
    let mut config = config(database.url(), Make::Postgres, query, &[]);
    let long = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode("x".repeat(300))
    };
    let mut expected = json!({
        "Số tiền": "12345678901234567890.123456789012345", "le": "0.10",
        "dai": 9_223_372_036_854_775_807_i64, "ngan": -32768, "thuc": 0.1, "khong_so": "NaN",
        "co": true, "bit1": true, "bit4": "1010", "tep": "AP8Q", "tep_dai": long, "trong": null,
        "moc": "2024-03-05T03:00:00.123456+00:00", "gio": "2024-03-05T10:00:00", "mai": "infinity",
        "ngay": "2024-03-05", "luc": "10:00:00", "trong_khoang": "P1DT2H",
        "j": { "a": [1, 1.10], "b": null }, "ma": "6f1c3b1e-0000-4000-8000-000000000000",
        "ten": ["Hoa", null, "Lan, \"x\""], "gia": ["1.10", "2"], "muc": "thấp",
        "chu": "Nguyễn\n\"Thị\" Hoa", "tien": true,
    });
    assert_eq!(only_row(&config).await, expected);
    config.zone = chrono::FixedOffset::east_opt(7 * 3600);
    expected["gio"] = json!("2024-03-05T10:00:00+07:00");
    assert_eq!(only_row(&config).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_mariadb() {
    let database = AgencyDatabase::create(Make::MariaDb).await;
    database
        .run(
            "SET time_zone = '+07:00', sql_mode = '';
             CREATE TABLE don (tien decimal(40,15), le decimal(9,2), dai bigint unsigned, am bigint, nho tinyint,
                 co tinyint(1), bit1 bit(1), bit9 bit(9), thuc double, thuc4 float, nam year,
                 moc timestamp(6) NULL, gio datetime, gio6 datetime(6), khong date, ngay date, luc time(3),
                 la varchar(50) CHARACTER SET latin1, u3 varchar(50) CHARACTER SET utf8mb3, u4 varchar(50) CHARACTER SET utf8mb4,
                 dai_dong longtext, ngan char(5), chon enum('cao','thấp') CHARACTER SET utf8mb4, bo set('a','b'),
                 tep blob, nhi binary(3), j json, ma uuid, trong varchar(5), `Họ tên` varchar(50) CHARACTER SET utf8mb4);
             INSERT INTO don VALUES ('12345678901234567890.123456789012345', 0.10, 18446744073709551615, -9223372036854775808, -128,
                 1, b'1', b'100000001', 0.1, 0.1, 2024, '2024-03-05 10:00:00.123456', '2024-03-05 10:00:00', '2024-03-05 10:00:00.5',
                 '0000-00-00', '2024-03-05', '-838:59:59.5', 'café', 'Nguyễn', 'Hoa 😀', 'dòng\\n\"hai\"', 'ab', 'thấp', 'a,b',
                 x'00ff10', x'0001', '{\"a\": [1, 1.10]}', '6f1c3b1e-0000-4000-8000-000000000000', NULL, 'Nguyễn Thị Hoa')",
        )
        .await;
    let mut config = config(database.url(), Make::MariaDb, "SELECT * FROM don", &[]);
    let mut expected = json!({
        "tien": "12345678901234567890.123456789012345", "le": "0.10", "dai": u64::MAX, "am": i64::MIN, "nho": -128,
        "co": true, "bit1": true, "bit9": 257, "thuc": 0.1, "thuc4": 0.1, "nam": 2024,
        "moc": "2024-03-05T03:00:00.123456Z", "gio": "2024-03-05T10:00:00", "gio6": "2024-03-05T10:00:00.500000",
        "khong": "0000-00-00", "ngay": "2024-03-05", "luc": "-838:59:59.500000",
        "la": "café", "u3": "Nguyễn", "u4": "Hoa 😀", "dai_dong": "dòng\n\"hai\"", "ngan": "ab", "chon": "thấp", "bo": "a,b",
        "tep": "AP8Q", "nhi": "AAEA", "j": "{\"a\": [1, 1.10]}", "ma": "6f1c3b1e-0000-4000-8000-000000000000",
        "trong": null, "Họ tên": "Nguyễn Thị Hoa",
    });
    assert_eq!(only_row(&config).await, expected);
    config.zone = chrono::FixedOffset::east_opt(7 * 3600);
    expected["gio"] = json!("2024-03-05T10:00:00+07:00");
    expected["gio6"] = json!("2024-03-05T10:00:00.500000+07:00");
    assert_eq!(only_row(&config).await, expected);
}
