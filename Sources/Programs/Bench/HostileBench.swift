import Credentials
import Cryptography
import Documents
import Foundation
import Kernel
import Server

/// The most memory that `suban verify` takes for files which were made to cost as much as they can.
enum HostileBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let folder = "\(settings.folder)/hostile"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let world = try await FileWorld(settings)
        try Data(world.roots.utf8).write(to: URL(fileURLWithPath: "\(folder)/root.pem"))
        let limits = try VerificationLimits(home: settings.home, on: SystemClock().now.date)
        var most = (name: "", own: 0.0, resident: 0.0)
        var heard: [String] = []
        for file in HostileFile.allCases {
            let path = "\(folder)/\(file.rawValue)"
            try Data(try await file.bytes(limits, world)).write(to: URL(fileURLWithPath: path))
            let took = try peak(settings, path)
            try FileManager.default.removeItem(atPath: path)
            heard.append("\(file.rawValue) \(BenchLine.text(took.own))")
            if took.own > most.own { (most.name, most.own) = (file.rawValue, took.own) }
            most.resident = max(most.resident, took.resident)
        }
        return [
            BenchFigure(
                "verify-memory.most",
                most.own,
                "MB",
                peer: "MB limit",
                against: Double(limit),
                note:
                    "the most that the program took for itself, \(most.name): \(heard.joined(separator: ", ")); the system allowed it \(limit) MB; with the pages of program and libraries at most \(BenchLine.text(most.resident)) MB were resident"
            )
        ]
    }

    private static let limit = 64

    /// What the program took at most while it checked a file, by `Tools/bench/peak.py`; the system refused it more than the
    /// limit.
    private static func peak(_ settings: BenchSettings, _ path: String) throws -> (
        own: Double, resident: Double
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "\(settings.home.root)/Tools/bench/peak.py", "--own", "\(limit)", settings.program,
            "verify", path, "--home", settings.home.root,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let told = try JSON.read(Array(text))
        // 0 and 1 are verdicts; anything else is a crash, for want of memory or not, or no verdict at all.
        guard let ended = told["ended"].int, [0, 1].contains(ended), let own = told["own"].double,
            let resident = told["resident"].double
        else {
            throw BenchFault("\(path): the program ended with \(told.canonical)")
        }
        return (own, resident)
    }
}

/// Files that take as much as they may, and more.
private enum HostileFile: String, CaseIterable {
    /// What everybody sends, for comparison.
    case licence
    /// A file larger than any that is read.
    case huge
    /// 300 MB of zeros, packed.
    case bomb
    /// As much as may be unpacked, in one entry, none of which can be packed.
    case full
    /// The same, packed as far as it may be.
    case dense
    case entries
    /// An element within an element, and elements side by side, as many as there is room for.
    case deep, wide
    /// As many elements with an attribute each, one element with as many attributes, and one text, as large as may be.
    case attributes, attribute, text
    /// Objects of a PDF, and one long array.
    case objects, array
    /// A signature of nested sequences.
    case nested

    /// An XML file may be as long (Docs/formats/ofd.md).
    private static let xmlBytes = 4 << 20

    func bytes(_ limits: VerificationLimits, _ world: FileWorld) async throws -> [UInt8] {
        let size = limits.package.sizeBytesMax - 65_536
        switch self {
        case .licence: return try await world.file(.ofd)
        case .huge: return [UInt8](repeating: 0x50, count: 512 << 20)
        case .bomb: return try package([UInt8](repeating: 0, count: 300 << 20))
        case .full: return try package(SystemEntropy().bytes(size))
        case .dense:
            let block = SystemEntropy().bytes(2_048)
            let blocks = limits.package.unpackedBytesMax / 20_480
            return try package((0..<blocks).flatMap { _ in block + [UInt8](repeating: 0x20, count: 16_384) })
        case .entries:
            return try Package((0..<limits.package.entriesMax).map { PackageEntry("a/\($0)", [0x61]) })
                .zipped()
        case .deep: return try package(Self.many("<a>", size))
        case .wide: return try package(Self.many("<a/>", size))
        case .attributes: return try package(Self.many("<a b='c'/>", Self.xmlBytes - 64))
        case .attribute:
            let names = (0..<Self.xmlBytes / 16).map { "a\($0)='b'" }.joined(separator: " ")
            return try package(Array("<a \(names)/>".utf8))
        case .text:
            let text = SystemEntropy().bytes(Self.xmlBytes / 3).map { UInt8(ascii: "a") + $0 % 16 }
            return try package(Array("<a>".utf8) + text + text + Array("</a>".utf8))
        case .objects:
            return Array("%PDF-1.7\n".utf8) + Self.many("1 0 obj<</A 1>>endobj\n", limits.pdf.bytes - 64)
        case .array:
            return Array("%PDF-1.7\n1 0 obj[".utf8) + Self.many("1 ", limits.pdf.bytes - 64)
        case .nested: return Self.many("\u{30}\u{24}", size)
        }
    }

    private func package(_ content: [UInt8]) throws -> [UInt8] {
        try Package([PackageEntry("OFD.xml", content)]).zipped()
    }

    private static func many(_ text: String, _ bytes: Int) -> [UInt8] {
        let part = Array(text.utf8)
        return (0..<bytes / part.count).flatMap { _ in part }
    }
}
