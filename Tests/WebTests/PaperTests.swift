import Foundation
import Kernel
import Testing

/// What the style sheet says of paper.
@Suite("pages on paper")
struct PaperTests {
    private func sheet() throws -> String {
        try String(contentsOfFile: Home.find().resource("web/app.css"), encoding: .utf8)
    }

    @Test("a page of the workbench is not set into the column of the menu that paper leaves out")
    func column() throws {
        let paper = try #require(try sheet().components(separatedBy: "@media print").last)
        #expect(
            paper.contains(".desk-nav")
                && paper.contains(".stage, .desk .stage, .with-aside { display: block; }")
        )
    }

    @Test("A4 is narrow, but no phone: tables stay tables")
    func phones() throws {
        let css = try sheet()
        for match in css.matches(of: /@media \(max-width: 767[^{]*\{[^\n]*/) {
            #expect(match.output.contains("pointer: coarse"), "\(match.output)")
        }
        #expect(css.contains("@media screen and (max-width: 767.98px)"))
    }
}
