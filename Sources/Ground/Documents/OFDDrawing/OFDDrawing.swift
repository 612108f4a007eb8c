import CPangoCairo
public import ElectronicSeals

/// A document of GB/T 33190-2016 as something to look at: its pages, what is stamped on them and noted over them.
/// What it shows proves nothing; only verifying does.
public struct OFDDrawing: Sendable {
    /// Pages of one document that are read.
    public static let pagesMax = 1_000

    public struct Page: Sendable {
        /// Millimetres.
        public let width: Double
        public let height: Double
        let id: String
        let path: String
    }

    struct Stamp: Sendable {
        let box: SheetBox
        /// Within the box, from its corner.
        let clip: SheetBox?
        let picture: ElectronicSeal.Picture
    }

    public let pages: [Page]
    let package: Package
    let resources: OFDResources
    /// Paths of template pages by their numbers.
    let templates: [String: String]
    /// By the page's number.
    let stamps: [String: [Stamp]]
    /// Paths of annotations by the page's number.
    let notes: [String: [String]]

    /// Reads the first document of a package.
    public init(_ package: Package) throws(VerificationProblem) {
        try self.init(package, depth: 0)
    }

    /// - Parameter depth: 1 for the picture of a seal that is an OFD itself, which has no stamps.
    init(_ package: Package, depth: Int) throws(VerificationProblem) {
        self.package = package
        guard let body = try OFDDocument(package).bodies.first, let entry = package.entry(body.root) else {
            throw VerificationProblem(.packageFormat, "DocRoot")
        }
        let tree = try XMLTree(reading: entry.bytes, name: body.root)
        guard let common = tree.first("CommonData") else {
            throw VerificationProblem(.packageFormat, body.root)
        }
        var resources = OFDResources()
        for list in common.all("PublicRes") + common.all("DocumentRes") {
            guard let path = package.path(list.content, from: body.root) else { continue }
            try resources.read(path, in: package)
        }
        var templates: [String: String] = [:]
        for template in common.all("TemplatePage") {
            guard let id = template.attributes["ID"], let place = template.attributes["BaseLoc"] else {
                continue
            }
            templates[id] = package.path(place, from: body.root)
        }
        let usual = OFDValues.box(common.first("PageArea")?.text("PhysicalBox"))
        var pages: [Page] = []
        for page in tree.first("Pages")?.all("Page") ?? [] {
            guard pages.count < Self.pagesMax else { throw VerificationProblem(.packageLimit, "pages") }
            guard let id = page.attributes["ID"], let place = page.attributes["BaseLoc"],
                let path = package.path(place, from: body.root), let content = package.entry(path)
            else { throw VerificationProblem(.packageFormat, page.attributes["BaseLoc"] ?? "Page") }
            let own = try XMLTree(reading: content.bytes, name: path).first("Area")?.text("PhysicalBox")
            guard let box = OFDValues.box(own) ?? usual, box.width > 0, box.height > 0 else {
                throw VerificationProblem(.packageFormat, path)
            }
            pages.append(Page(width: box.width, height: box.height, id: id, path: path))
        }
        self.pages = pages
        self.resources = resources
        self.templates = templates
        notes = try Self.notes(tree, body, package)
        stamps = depth == 0 ? try Self.stamps(body, package) : [:]
    }

    private static func notes(_ tree: XMLTree, _ body: OFDDocument.Body, _ package: Package)
        throws(VerificationProblem) -> [String: [String]]
    {
        guard let place = tree.text("Annotations"), let path = package.path(place, from: body.root),
            let entry = package.entry(path)
        else { return [:] }
        var notes: [String: [String]] = [:]
        for page in try XMLTree(reading: entry.bytes, name: path).all("Page") {
            guard let id = page.attributes["PageID"], let place = page.text("FileLoc"),
                let file = package.path(place, from: path)
            else { continue }
            notes[id, default: []].append(file)
        }
        return notes
    }

    /// Where the signatures say that the seal is to be seen; a signature that cannot be read is left to verifying.
    private static func stamps(_ body: OFDDocument.Body, _ package: Package) throws(VerificationProblem)
        -> [String: [Stamp]]
    {
        guard let place = body.signatures, let path = package.path(place, from: "OFD.xml"),
            let list = package.entry(path)
        else { return [:] }
        var stamps: [String: [Stamp]] = [:]
        for one in try XMLTree(reading: list.bytes, name: path).all("Signature").prefix(64) {
            guard let file = one.attributes["BaseLoc"].flatMap({ package.path($0, from: path) }),
                let entry = package.entry(file)
            else { continue }
            let signature = try XMLTree(reading: entry.bytes, name: file)
            guard
                let value = signature.text("SignedValue").flatMap({ package.path($0, from: file) })
                    .flatMap(package.entry), let seal = seal(value.bytes)
            else { continue }
            for stamp in signature.first("SignedInfo")?.all("StampAnnot") ?? [] {
                guard let page = stamp.attributes["PageRef"],
                    let box = OFDValues.box(stamp.attributes["Boundary"])
                else { continue }
                let clip = OFDValues.box(stamp.attributes["Clip"])
                stamps[page, default: []].append(
                    Stamp(box: box, clip: clip, picture: seal.content.picture)
                )
            }
        }
        return stamps
    }

    private static func seal(_ bytes: [UInt8]) -> ElectronicSeal? {
        do { return try SealSignature(der: bytes).seal } catch { return nil }
    }

    /// One page as a PNG picture on white.
    /// - Parameter words: drawn large across the page, over everything on it.
    public func picture(
        page number: Int,
        dpi: Double,
        across words: String? = nil,
        by typesetter: Typesetter
    ) throws(VerificationProblem) -> [UInt8] {
        try painted(number, dpi: dpi, across: words, by: typesetter).get()
    }

    private func painted(_ number: Int, dpi: Double, across words: String?, by typesetter: Typesetter)
        -> Result<[UInt8], VerificationProblem>
    {
        guard pages.indices.contains(number) else {
            return .failure(VerificationProblem(.packageFormat, "page \(number)"))
        }
        let page = pages[number]
        do throws(DocumentError) {
            let canvas = try Canvas(
                width: page.width,
                height: page.height,
                dpi: dpi,
                ground: Ink(255, 255, 255)
            )
            let painter = OFDPainter(drawing: self, cairo: canvas.cairo, typesetter: typesetter)
            if let problem = painter.problem(painting: page) { return .failure(problem) }
            if let words {
                try SheetPainter(cairo: canvas.cairo, typesetter: typesetter).paint(
                    try Self.marks(of: words, across: page, by: typesetter)
                )
            }
            return .success(try canvas.png())
        } catch {
            return .failure(VerificationProblem(.packageLimit, page.path))
        }
    }

    /// Words that rise by 30 degrees over three quarters of the page's width.
    private static func marks(of words: String, across page: Page, by typesetter: Typesetter)
        throws(DocumentError) -> [SheetMark]
    {
        let shaped = try typesetter.shape(words, role: "hei")
        guard shaped.width > 0 else { return [] }
        let (cosine, sine) = (0.866, 0.5)
        let size = min(page.width * 0.75 / cosine / shaped.width, page.height / 4)
        let length = shaped.width * size
        let start = SheetPoint(
            (page.width - length * cosine) / 2,
            (page.height + length * sine) / 2
        )
        let line = ShapedLine(clusters: shaped.clusters.indices, width: shaped.width)
        return shaped.runs(of: line, at: start, size: size, ink: Ink(200, 0, 0, cover: 0.75), turn: -30).map {
            .text($0)
        }
    }
}
