import Cryptography
import Foundation
public import Kernel
public import Mustache

/// A file that pages need is not there.
public struct AssetsMissing: Error, CustomStringConvertible {
    public let path: String
    public var description: String {
        "\(path) is missing. Run Scripts/setup, which fetches style sheets, icons and fonts."
    }
}

/// Style sheets, scripts, fonts and pictures, each served under its own digest and kept for ever by browsers.
public struct Assets: Sendable {
    struct File: Sendable {
        let path: String
        let type: String
        let bytes: [UInt8]
    }

    /// By `<digest>/<name>`.
    private let files: [String: File]
    /// The path by name, `app.css` → `/assets/3f…/app.css`.
    private let paths: [String: String]

    /// Reads `.assets/public` (filled by `Scripts/assets`) and `Resources/web`.
    public static func load(_ home: Home) throws(AssetsMissing) -> (assets: Assets, icons: Icons) {
        let fetched = "\(home.root)/.assets/public"
        var found: [(name: String, path: String)] = []
        for (folder, needed) in [(fetched, Assets.needed), (home.resource("web"), ["app.css", "app.js"])] {
            for name in needed where !FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
                throw AssetsMissing(path: "\(folder)/\(name)")
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() where type(of: name) != nil && name != "manifest.json" {
                found.append((name, "\(folder)/\(name)"))
            }
        }
        var files: [String: File] = [:]
        var paths: [String: String] = [:]
        for (name, path) in found {
            guard let data = FileManager.default.contents(atPath: path), let type = type(of: name) else {
                throw AssetsMissing(path: path)
            }
            var bytes = [UInt8](data)
            if name == "app.css" { bytes = pointed(bytes, paths: paths) }
            let digest = Hex.encode(SHA256.digest(bytes).prefix(8))
            files["\(digest)/\(name)"] = File(path: path, type: type, bytes: bytes)
            paths[name] = "/assets/\(digest)/\(name)"
        }
        return (Assets(files: files, paths: paths), try Icons.load(folder: "\(fetched)/icons"))
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

    static let needed = ["bootstrap.min.css", "htmx.min.js", "NotoSansMongolian-Regular.ttf"]

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
            return .file(file.bytes, type: file.type, keeping: .forever)
        }
    }
}

extension Assets: MustacheParent {
    /// `{{asset.app-css}}`: dots of the file's name are written as hyphens.
    public func child(named name: String) -> Any? {
        paths.first { $0.key.replacingOccurrences(of: ".", with: "-") == name }?.value
    }
}
