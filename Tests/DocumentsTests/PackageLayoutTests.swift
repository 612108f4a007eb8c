import CZlib
import ElectronicSeals
import Foundation
import Testing

@testable import Documents

/// A ZIP file written by hand: what products write is read, and no byte lies where no signature sees it.
@Suite("where everything lies in a package")
struct PackageLayoutTests {
    /// What differs from the plainest file.
    private struct Shape {
        var localExtra: [UInt8] = []
        var centralExtra: [UInt8] = []
        /// Sizes and checksum after the content: with a mark, with sizes of eight bytes.
        var descriptor: (isMarked: Bool, isWide: Bool)?
        var isWide = false
        /// After the content, counted as packed.
        var afterContent: [UInt8] = []
        var beforeHeader: [UInt8] = []
        var beforeDirectory: [UInt8] = []
        var beforeEnd: [UInt8] = []
        var fileComment: [UInt8] = []
        var comment: [UInt8] = []
        var isDeflated = false
    }

    private func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private func field(_ kind: Int, _ bytes: [UInt8]) -> [UInt8] {
        little(kind, 2) + little(bytes.count, 2) + bytes
    }

    private static let xml = Array("<a/>".utf8)

    /// Two entries with the same content; what differs is about the second.
    private func zip(_ shape: Shape = Shape()) -> [UInt8] {
        var (file, directory): ([UInt8], [UInt8]) = ([], [])
        for (number, name) in ["OFD.xml", "a.xml"].enumerated() {
            let one = number == 1 ? shape : Shape()
            let content = Self.xml
            // One stored block: RFC 1951, section 3.2.4.
            let block = [1] + little(content.count, 2) + little(~content.count, 2) + content
            let packed = (one.isDeflated ? block : content) + one.afterContent
            let sum = Int(crc32_z(0, content, content.count))
            let flags = one.descriptor == nil ? 0 : 8
            let known = one.descriptor == nil
            file += one.beforeHeader
            let offset = file.count
            let method = little(one.isDeflated ? 8 : 0, 2)
            let narrow =
                one.isWide
                ? little(0xFFFF_FFFF, 4) + little(0xFFFF_FFFF, 4)
                : little(known ? packed.count : 0, 4) + little(known ? content.count : 0, 4)
            let wide = one.isWide ? field(1, little(content.count, 8) + little(packed.count, 8)) : []
            let (local, central) = (wide + one.localExtra, wide + one.centralExtra)
            file += [0x50, 0x4B, 3, 4, 45, 0] + little(flags, 2) + method + [0, 0, 0x21, 0]
            file += little(known ? sum : 0, 4) + narrow + little(name.utf8.count, 2) + little(local.count, 2)
            file += Array(name.utf8) + local + packed
            if let descriptor = one.descriptor {
                if descriptor.isMarked { file += [0x50, 0x4B, 7, 8] }
                let width = descriptor.isWide ? 8 : 4
                file += little(sum, 4) + little(packed.count, width) + little(content.count, width)
            }
            let sizes =
                one.isWide
                ? little(0xFFFF_FFFF, 4) + little(0xFFFF_FFFF, 4)
                : little(packed.count, 4) + little(content.count, 4)
            directory += [0x50, 0x4B, 1, 2, 45, 0, 45, 0] + little(flags, 2) + method + [0, 0, 0x21, 0]
            directory += little(sum, 4) + sizes + little(name.utf8.count, 2) + little(central.count, 2)
            directory += little(one.fileComment.count, 2) + [0, 0, 0, 0] + [0, 0, 0, 0]
            directory += little(offset, 4) + Array(name.utf8) + central + one.fileComment
        }
        file += shape.beforeDirectory
        let offset = file.count
        file += directory + shape.beforeEnd
        file += [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 2, 0, 2, 0] + little(directory.count, 4) + little(offset, 4)
        return file + little(shape.comment.count, 2) + shape.comment
    }

    private func problem(_ bytes: [UInt8]) -> VerificationClass? {
        do throws(VerificationProblem) {
            let package = try Package(reading: bytes, limits: SampleTests.limits)
            let whole = ["OFD.xml", "a.xml"].map { PackageEntry($0, Self.xml) }
            return package == Package(whole) ? nil : .coverage
        } catch { return error.kind }
    }

    @Test("what products write is read: sizes after the content, ZIP64, times, owners, the mark of Java")
    func harmless() throws {
        #expect(problem(zip()) == nil)
        #expect(problem(zip(Shape(isDeflated: true))) == nil)
        for (isMarked, isWide) in [(true, false), (false, false), (true, true), (false, true)] {
            #expect(problem(zip(Shape(descriptor: (isMarked, isWide)))) == nil, "\(isMarked) \(isWide)")
        }
        #expect(problem(zip(Shape(isWide: true))) == nil)
        let unix = field(0x5455, [3] + little(1_700_000_000, 4) + little(1_700_000_000, 4))
        let owners = field(0x7875, [1, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0])
        let short = field(0x5455, [3] + little(1_700_000_000, 4))
        #expect(problem(zip(Shape(localExtra: unix + owners, centralExtra: short + owners))) == nil)
        let times = field(0x000A, [UInt8](repeating: 0, count: 32))
        #expect(problem(zip(Shape(centralExtra: times))) == nil)
        #expect(problem(zip(Shape(localExtra: field(0xCAFE, []), centralExtra: field(0xCAFE, [])))) == nil)
    }

    @Test("bytes that are no entry's are refused wherever they lie")
    func hidden() throws {
        let pdf = Array("%PDF-1.4\n1 0 obj".utf8)
        for shape in [
            Shape(localExtra: field(0xCAFE, pdf)), Shape(centralExtra: field(0xCAFE, pdf)),
            Shape(localExtra: field(0x6666, [])), Shape(localExtra: field(0x5455, pdf)),
            Shape(localExtra: field(0xCAFE, []) + field(0xCAFE, [])),
            Shape(descriptor: (true, false), beforeDirectory: pdf), Shape(beforeHeader: pdf),
            Shape(beforeDirectory: pdf), Shape(beforeEnd: pdf), Shape(fileComment: pdf), Shape(comment: pdf),
            // Another name, for whoever knows the field of Info-ZIP.
            Shape(localExtra: field(0x7075, [1] + little(0, 4) + Array("b.xml".utf8))),
        ] {
            #expect(problem(zip(shape)) == .packageFormat, "\(shape)")
        }
        // Where what is packed ends before its last byte.
        #expect(problem(zip(Shape(afterContent: pdf, isDeflated: true))) == .packageFormat)
        #expect(problem(pdf + zip()) == .packageFormat)
        // To the library these two differ from what the directory says.
        #expect(problem(zip() + pdf) == .packageFormat)
        #expect(problem(zip() + [0]) == .packageFormat)
        #expect(problem(zip(Shape(localExtra: [0x50]))) == .packageDuplicate)
    }
}
