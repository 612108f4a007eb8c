import Cryptography
import Foundation
public import Kernel
public import Mustache

/// A file that pages need is not there.
public struct AssetsMissing: Error, CustomStringConvertible {
    public let path: String
    public var description: String {
        "\(path) is missing or not as it was fetched. Run Scripts/setup, which fetches style sheets, icons and fonts."
    }
}

/// Style sheets, scripts, fonts and pictures, each served under its own digest and kept for ever by browsers.
public struct Assets: Sendable {
    struct File: Sendable {
        let type: String
        let bytes: [UInt8]
        /// The same, compressed with gzip; nil when it was not made.
        let packed: [UInt8]?
    }

    /// By `<digest>/<name>`.
    private let files: [String: File]
    /// The path by name, `app.css` → `/assets/3f…/app.css`.
    private let paths: [String: String]

    /// Reads `.assets/public` (filled by `Scripts/assets`, checked against its manifest) and `Resources/web`.
    public static func load(_ home: Home) throws(AssetsMissing) -> (assets: Assets, icons: Icons) {
        let fetched = "\(home.root)/.assets/public"
        let own = home.resource("web")
        try verify(folder: fetched)
        var files: [String: File] = [:]
        var paths: [String: String] = [:]
        for (folder, needed) in [(fetched, Assets.needed), (own, Assets.ownNeeded)] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in needed where !names.contains(name) { throw AssetsMissing(path: "\(folder)/\(name)") }
            for name in names.sorted() where name != "manifest.json" {
                guard let type = type(of: name) else { continue }
                let path = "\(folder)/\(name)"
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw AssetsMissing(path: path)
                }
                let bytes = name == "app.css" ? pointed([UInt8](data), paths: paths) : [UInt8](data)
                let packed = FileManager.default.contents(atPath: "\(path).gz").map { [UInt8]($0) }
                let digest = Hex.encode(SHA256.digest(bytes).prefix(8))
                files["\(digest)/\(name)"] = File(type: type, bytes: bytes, packed: packed)
                paths[name] = "/assets/\(digest)/\(name)"
            }
        }
        return (Assets(files: files, paths: paths), try Icons.load(folder: "\(fetched)/icons"))
    }

    /// Every file is what the script wrote: a half-copied or edited folder is set up again.
    private static func verify(folder: String) throws(AssetsMissing) {
        guard let manifest = FileManager.default.contents(atPath: "\(folder)/manifest.json"),
            let digests = try? JSON.read([UInt8](manifest)).members, !digests.isEmpty
        else { throw AssetsMissing(path: "\(folder)/manifest.json") }
        for (name, digest) in digests.sorted(by: { $0.key < $1.key }) {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                Hex.encode(SHA256.digest([UInt8](data))) == digest.text
            else { throw AssetsMissing(path: "\(folder)/\(name)") }
        }
    }

    init(files: [String: File], paths: [String: String]) {
        self.files = files
        self.paths = paths
    }

    /// `url(asset:NAME)` in the own style sheet becomes the served path.
    private static func pointed(_ bytes: [UInt8], paths: [String: String]) -> [UInt8] {
        var text = String(decoding: bytes, as: UTF8.self)
        for (name, path) in paths { text = text.replacingOccurrences(of: "asset:\(name)", with: path) }
        return Array(text.utf8)
    }

    private static let ownNeeded = ["app.css", "app.js", "mark.svg"]
    private static let needed = ["bootstrap.min.css", "htmx.min.js", "NotoSansMongolian-Regular.ttf"]

    private static func type(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ttf": "font/ttf"
        case "woff2": "font/woff2"
        case "json", "webmanifest": "application/json"
        default: nil
        }
    }

    /// The path under which a file is served; nil when there is none of that name.
    public func path(_ name: String) -> String? { paths[name] }

    /// The route that serves them.
    var route: Route {
        Route.page(
            .get,
            "/assets/{digest}/{name}",
            who: .everyone,
            scope: .open,
            zh: "样式、脚本与字体",
            en: "Style sheets, scripts and fonts"
        ) { visit in
            guard let file = files["\(try visit.segment("digest"))/\(try visit.segment("name"))"] else {
                throw WebRefusal.notFound
            }
            let takesGzip = visit.headers["accept-encoding"]?.contains("gzip") ?? false
            let packed = takesGzip ? file.packed : nil
            var reply = Reply.file(packed ?? file.bytes, type: file.type, keeping: .forever)
            if packed != nil { reply.headers["Content-Encoding"] = "gzip" }
            if file.packed != nil { reply.headers["Vary"] = "Accept-Encoding" }
            return reply
        }
    }
}

extension Assets: MustacheParent {
    /// `{{asset.app-css}}`: dots of the file's name are written as hyphens.
    public func child(named name: String) -> Any? {
        paths.first { $0.key.replacingOccurrences(of: ".", with: "-") == name }?.value
    }
}
