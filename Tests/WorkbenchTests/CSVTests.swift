import Testing
import Web

@Suite("files for spreadsheets")
struct CSVTests {
    @Test(
        "what begins like a formula is text, what holds a separator is quoted",
        arguments: [
            ("=1+1", "'=1+1"), ("+86", "'+86"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"), ("＝1", "'＝1"),
            ("\t=1", "\"'\t=1\""), ("\r=1", "\"'\r=1\""), ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("包头市晨博商贸有限公司", "包头市晨博商贸有限公司"), ("", ""),
            (CSV.code("150203202611220012345678"), "\"\t150203202611220012345678\""), ("\t1=1", "\"'\t1=1\""),
            ("\t", "\"'\t\""),
        ]
    )
    func field(text: String, written: String) {
        #expect(CSV.field(text) == written)
    }

    @Test("begins with the mark by which office programs know UTF-8, and ends each row with CR LF")
    func bytes() {
        #expect(
            CSV.bytes([["编号", "a"], ["1", "b"]]) == [0xEF, 0xBB, 0xBF] + Array("编号,a\r\n1,b\r\n".utf8)
        )
    }
}
