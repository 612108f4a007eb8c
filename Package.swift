// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every target: existential types are spelled out, imports are private
/// unless said otherwise, and members come only from modules that the file imports itself.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Where the tests spend their time: optimised in debug builds too (decision 0004).
let hot: Set = [
    "Kernel", "Standards", "Storage", "StorageSQLite", "Cryptography", "ElectronicSeals", "Documents",
    "Rules", "Forms", "CompanyNames",
    "Web",
]

/// A target of ours. `folder` names its storey under `Sources`; arrows run only downwards (Docs/architecture.md).
func house(_ name: String, in folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(folder)/\(name)",
        swiftSettings: hot.contains(name)
            ? settings + [.unsafeFlags(["-O"], .when(configuration: .debug))] : settings
    )
}

func suite(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies,
        path: "Tests/\(name)Tests",
        exclude: exclude,
        swiftSettings: settings
    )
}

func library(_ name: String, package: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: package, providers: [.apt([apt])])
}

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioSockets: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")

let ground: [Target] = [
    library("COpenSSL", package: "openssl", apt: "libssl-dev"),
    library("CPostgres", package: "libpq", apt: "libpq-dev"),
    library("CSQLiteSetup", package: "sqlite3", apt: "libsqlite3-dev"),
    library("CQREncode", package: "libqrencode", apt: "libqrencode-dev"),
    library("CZip", package: "libzip", apt: "libzip-dev"),
    library("CXML", package: "libxml-2.0", apt: "libxml2-dev"),
    library("CZlib", package: "zlib", apt: "zlib1g-dev"),
    library("CPangoCairo", package: "pangocairo", apt: "libpango1.0-dev"),
    house("Kernel", in: "Ground", []),
    house("Standards", in: "Ground", ["Kernel"]),
    house("Storage", in: "Ground", ["Kernel"]),
    house("StorageSQLite", in: "Ground", ["Storage", "Kernel", "CSQLiteSetup", grdb, sqlite]),
    house("StoragePostgres", in: "Ground", ["Storage", "Kernel", "CPostgres"]),
    house("Cryptography", in: "Ground", ["Kernel", "COpenSSL"]),
    house("ElectronicSeals", in: "Ground", ["Kernel", "Cryptography", asn1]),
    house(
        "Documents",
        in: "Ground",
        [
            "Kernel", "Cryptography", "ElectronicSeals", "CZip", "CZlib", "CXML", "CPangoCairo", "CQREncode",
            yams,
        ]
    ),
    house("Rules", in: "Ground", ["Kernel", yams]),
    house("Audit", in: "Ground", ["Kernel", "Storage", "Cryptography", lifecycle]),
    house(
        "ArchivePackages",
        in: "Ground",
        ["Kernel", "Cryptography", "ElectronicSeals", "Documents", "Audit"]
    ),
    house("Jobs", in: "Ground", ["Kernel", "Storage", "Audit", logging, lifecycle]),
    house("Deadlines", in: "Ground", ["Kernel", "Standards", "Storage", "Jobs", "Audit"]),
    house("Draws", in: "Ground", ["Kernel", "Cryptography", "Storage", "Audit"]),
    house("Search", in: "Ground", ["Kernel", "Storage"]),
    house("Attachments", in: "Ground", ["Kernel", "Storage", "Cryptography"]),
    house("Forms", in: "Ground", ["Kernel", "Standards", "Rules", yams]),
    house("Identity", in: "Ground", ["Kernel", "Standards", "Storage", "Cryptography", "Audit", "Jobs"]),
]

let engines: [Target] = [
    house(
        "Catalogue",
        in: "Engines",
        ["Kernel", "Standards", "Storage", "Rules", "Forms", "Audit", "Jobs", "Cryptography", yams]
    ),
    house(
        "Registers",
        in: "Engines",
        ["Kernel", "Standards", "Storage", "Search", "Audit", "Jobs", "Cryptography"]
    ),
    house(
        "Exchange",
        in: "Engines",
        [
            "Kernel", "Standards", "Storage", "Audit", "Jobs", "Deadlines", "Forms", "Cryptography",
            httpClient,
            nio, nioHTTP,
        ]
    ),
    house(
        "Credentials",
        in: "Engines",
        [
            "Kernel", "Standards", "Storage", "Rules", "Forms", "Audit", "Jobs", "Identity", "Cryptography",
            "ElectronicSeals",
            "Documents", "ArchivePackages", "Attachments",
        ]
    ),
    house(
        "Cases",
        in: "Engines",
        [
            "Kernel", "Standards", "Storage", "Search", "Attachments", "Rules", "Forms", "Audit", "Jobs",
            "Deadlines", "Identity", "Catalogue",
        ]
    ),
    house(
        "Changes",
        in: "Engines",
        ["Kernel", "Storage", "Identity", "Jobs", "Audit", "Cryptography", httpClient, nio, nioHTTP]
    ),
    house(
        "Correspondence",
        in: "Engines",
        ["Kernel", "Standards", "Storage", "Audit", "Jobs", "Forms", "Cryptography", mustache]
    ),
    house("Charges", in: "Engines", ["Kernel", "Storage", "Forms", "Audit", "Jobs"]),
]

let modules: [Target] = [
    house(
        "CompanyNames",
        in: "Modules",
        ["Kernel", "Standards", "Storage", "Audit", "Jobs", "Deadlines", "Catalogue"]
    ),
    house(
        "CompanyOpening",
        in: "Modules",
        [
            "Kernel", "Standards", "Storage", "Rules", "Forms", "Audit", "Jobs", "Deadlines", "Draws",
            "Identity", "Cryptography", "Catalogue", "Registers", "Exchange", "Credentials", "Cases",
            "Correspondence", "CompanyNames", "Attachments",
        ]
    ),
    house(
        "PlainItem",
        in: "Modules",
        [
            "Kernel", "Standards", "Storage", "Rules", "Forms", "Identity", "Cryptography", "Documents",
            "Catalogue", "Credentials", "Exchange", "Cases", "Correspondence",
        ]
    ),
    house(
        "CaseArchive",
        in: "Modules",
        [
            "Kernel", "Standards", "Storage", "Forms", "Audit", "Jobs", "Cryptography", "Documents",
            "ArchivePackages", "Attachments", "Identity", "Exchange", "Credentials", "Cases",
            "Correspondence",
        ]
    ),
    house(
        "SealFiling",
        in: "Modules",
        ["Kernel", "Storage", "Audit", "Jobs", "Credentials", "Exchange"]
    ),
    house(
        "SealEngraving",
        in: "Modules",
        [
            "Kernel", "Standards", "Storage", "Audit", "Jobs", "Identity", "Registers", "Exchange",
            "CompanyNames",
        ]
    ),
    house(
        "Stock",
        in: "Modules",
        [
            "Kernel", "Standards", "Storage", "Forms", "Audit", "Identity", "Cryptography", "Registers",
            "Credentials", "CompanyNames",
        ]
    ),
]

let faces: [Target] = [
    house(
        "Web",
        in: "Faces",
        [
            "Kernel", "Standards", "Storage", "Identity", "Audit", "Cryptography", "Forms", "CQREncode",
            hummingbird,
            mustache, yams, nio, logging,
        ]
    ),
    house(
        "Portal",
        in: "Faces",
        [
            "Web", "Kernel", "Standards", "Storage", "Identity", "Forms", "Rules", "Catalogue", "Cases",
            "Registers", "Documents", "Credentials", "Exchange", "Correspondence", "CompanyNames",
            "Charges", "CompanyOpening", "PlainItem",
            "Deadlines", "Draws", "Audit", "Cryptography", "Jobs", "Attachments", "CaseArchive",
            "ArchivePackages", "SealEngraving", hummingbird,
        ]
    ),
    house(
        "Workbench",
        in: "Faces",
        [
            "Web", "Kernel", "Standards", "Storage", "Identity", "Forms", "Rules", "Catalogue", "Cases",
            "Registers", "Credentials", "Exchange", "Correspondence", "Charges", "CompanyOpening",
            "Deadlines",
            "Audit", "CompanyNames", "Attachments", "Cryptography", "SealFiling", "CaseArchive",
            "ArchivePackages",
            hummingbird,
        ]
    ),
    house(
        "API",
        in: "Faces",
        [
            "Web", "Kernel", "Jobs", "Standards", "Storage", "Identity", "Forms", "Rules", "Catalogue",
            "Cases",
            "Registers", "Credentials", "Exchange", "CompanyNames", "CompanyOpening", "Audit", "Cryptography",
            "Attachments", "Draws", "Changes", hummingbird, lifecycle,
        ]
    ),
]

let programs: [Target] = [
    house(
        "Simulators",
        in: "Programs",
        ["Kernel", "Cryptography", "Exchange", hummingbird, httpClient, lifecycle, signals, logging, nio]
    ),
    house(
        "Server",
        in: "Programs",
        [
            "Kernel", "Standards", "Documents", "Storage", "StorageSQLite", "StoragePostgres", "Cryptography",
            "Rules",
            "Search", "Audit", "Jobs", "Deadlines", "Draws", "Forms", "Identity", "Catalogue", "Registers",
            "Exchange",
            "Credentials", "Cases", "Correspondence", "Charges", "CompanyNames", "CompanyOpening",
            "PlainItem", "Web",
            "Portal", "Attachments", "Changes", "Stock",
            "ArchivePackages", "CaseArchive", "SealEngraving", "SealFiling",
            "Workbench", "API", "Simulators", hummingbird, logging, lifecycle, signals, httpClient, nio,
            nioHTTP, nioSockets,
            yams,
        ]
    ),
    house(
        "Population",
        in: "Programs",
        [
            "Server", "Kernel", "Standards", "Storage", "Search", "Audit", "Deadlines", "Identity",
            "Catalogue",
            "Registers", "Credentials", "Cases", "CompanyNames", "CompanyOpening",
        ]
    ),
    house(
        "Scenarios",
        in: "Programs",
        [
            "Server", "Simulators", "Kernel", "Standards", "Storage", "StorageSQLite", "StoragePostgres",
            "Rules", "Forms", "Identity", "Catalogue", "Cases", "Charges", "Registers", "Exchange",
            "Credentials",
            "Jobs", "Deadlines", "Draws", "Correspondence", "CompanyNames", "CompanyOpening", "PlainItem",
            "Audit", "Stock", "SealFiling",
            "Cryptography", "Attachments", "CaseArchive", "ArchivePackages", "Documents", yams,
        ]
    ),
    house(
        "Bench",
        in: "Programs",
        [
            "Server", "Simulators", "Kernel", "Standards", "Storage", "StorageSQLite", "StoragePostgres",
            "Rules", "Audit", "Cryptography", "Deadlines", "CompanyNames", "CompanyOpening", "Documents",
            "ElectronicSeals", "Credentials",
            "Cases", "Registers", "Jobs", "Identity", "Exchange", "Population", "Stock", "COpenSSL",
            "CPostgres",
            hummingbird, logging, sqlite, httpClient, nio, nioHTTP, nioSockets,
        ]
    ),
    .executableTarget(
        name: "suban",
        dependencies: [
            "Server", "Web", "Changes", "Jobs", "Scenarios", "Simulators", "Population", "Bench", "Kernel",
            "Standards",
            "Storage",
            "StorageSQLite",
            "Audit", "CompanyNames", "Stock",
            "Identity", "Exchange", "Documents", "Credentials", "Rules", "Cryptography", "Catalogue",
            arguments, logging,
        ],
        path: "Sources/Programs/suban",
        swiftSettings: settings
    ),
]

let tests: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["Kernel", "Standards", "Storage", "StorageSQLite", "StoragePostgres"],
        path: "Tests/TestSupport",
        swiftSettings: settings
    ),
    suite("Kernel", ["Kernel"]),
    suite("Search", ["Search", "Storage", "Kernel", "TestSupport"]),
    suite("Standards", ["Standards", "Kernel"]),
    suite("Storage", ["Storage", "StorageSQLite", "StoragePostgres", "Kernel", "TestSupport"]),
    suite("Cryptography", ["Cryptography", "Kernel"]),
    suite("ElectronicSeals", ["ElectronicSeals", "Cryptography", "Kernel"]),
    suite(
        "Documents",
        ["Documents", "CZip", "CZlib", "CPangoCairo", "ElectronicSeals", "Cryptography", "Kernel"]
    ),
    suite("Rules", ["Rules", "Kernel"]),
    suite("Charges", ["Charges", "Forms", "Audit", "Jobs", "Storage", "Kernel", "TestSupport"]),
    suite("Audit", ["Audit", "Storage", "Kernel", "Cryptography", "TestSupport"]),
    suite("Jobs", ["Jobs", "Audit", "Storage", "Kernel", "TestSupport", logging, lifecycle]),
    suite("Deadlines", ["Deadlines", "Standards", "Audit", "Jobs", "Storage", "Kernel", "TestSupport"]),
    suite("Draws", ["Draws", "Audit", "Kernel", "Cryptography", "Storage", "TestSupport"]),
    suite("Forms", ["Forms", "Rules", "Standards", "Kernel"]),
    suite(
        "Identity",
        ["Identity", "Audit", "Jobs", "Storage", "Standards", "Kernel", "TestSupport", "Cryptography"]
    ),
    suite(
        "Catalogue",
        [
            "Catalogue", "Forms", "Rules", "Audit", "Jobs", "Storage", "Standards", "Kernel", "TestSupport",
        ]
    ),
    suite(
        "Registers",
        ["Registers", "Search", "Audit", "Jobs", "Storage", "Standards", "Kernel", "TestSupport"]
    ),
    suite(
        "Exchange",
        [
            "Exchange", "Simulators", "Audit", "Jobs", "Storage", "Cryptography", "Kernel", "TestSupport",
            hummingbird,
            httpClient, logging, nio, nioHTTP,
        ]
    ),
    suite(
        "Credentials",
        [
            "Credentials", "ElectronicSeals", "Documents", "Forms", "Identity", "Audit", "Jobs", "Storage",
            "Cryptography", "Standards", "Kernel", "TestSupport",
        ]
    ),
    suite(
        "Cases",
        [
            "Cases", "Catalogue", "Identity", "Forms", "Rules", "Deadlines", "Audit", "Jobs", "Storage",
            "Standards", "Kernel", "TestSupport", "TownSupport", "Server", "CompanyNames", "CompanyOpening",
            "Correspondence", "Exchange", "Simulators", "Attachments", "Credentials", "Registers",
            "StoragePostgres",
        ]
    ),
    suite("Correspondence", ["Correspondence", "Audit", "Jobs", "Storage", "Kernel", "TestSupport"]),
    suite(
        "CompanyNames",
        ["CompanyNames", "Catalogue", "Audit", "Jobs", "Storage", "Standards", "Kernel", "TestSupport"]
    ),
    suite(
        "CompanyOpening",
        [
            "CompanyOpening", "Cases", "CompanyNames", "Correspondence", "Credentials", "Exchange",
            "Identity",
            "Registers", "Simulators", "Server", "Standards", "Storage", "Kernel", "TestSupport",
            "TownSupport",
        ]
    ),
    suite(
        "CaseArchive",
        [
            "CaseArchive", "ArchivePackages", "Attachments", "Audit", "Cases", "CompanyOpening",
            "Credentials", "Cryptography", "Documents",
            "Identity", "Jobs", "Server", "Standards", "Storage", "Kernel", "TestSupport", "TownSupport",
            "FaceSupport",
        ]
    ),
    suite(
        "Changes",
        [
            "Changes", "Audit", "Jobs", "Identity", "Storage", "StoragePostgres", "Kernel", "TestSupport",
            hummingbird, nio, logging,
        ]
    ),
    suite("Attachments", ["Attachments", "Storage", "Kernel", "TestSupport"]),
    suite("Web", ["Web", "Forms", "Rules", "Identity", "Storage", "Kernel", hummingbird, nio, logging]),
    suite(
        "Scenarios",
        ["Scenarios", "Server", "Catalogue", "Cases", "Forms", "Rules", "Kernel", "TestSupport"]
    ),
    suite(
        "Journeys",
        [
            "Server", "Simulators", "Cases", "Catalogue", "CompanyOpening", "Credentials", "Registers",
            "Audit", "CompanyNames", "Deadlines", "Exchange", "Identity", "Jobs", "Portal", "Standards",
            "Cryptography", "FaceSupport", hummingbird,
            "StorageSQLite", "StoragePostgres", "Attachments", "Correspondence", "Storage", "Kernel", "Stock",
            "TestSupport", "TownSupport", "Web", httpClient, nio, nioHTTP, grdb, logging,
        ],
        exclude: ["migrations.tsv"]
    ),
    suite(
        "Portal",
        [
            "FaceSupport", "Portal", "Web", "Server", "Cases", "Charges", "CompanyNames", "CompanyOpening",
            "Correspondence", "Standards",
            "Exchange", "Attachments", "Credentials", "Forms", "Identity", "SealEngraving", "Storage",
            "Kernel",
        ]
    ),
    .target(
        name: "TownSupport",
        dependencies: ["TestSupport", "Server", "Storage", "Kernel"],
        path: "Tests/TownSupport",
        swiftSettings: settings
    ),
    .target(
        name: "FaceSupport",
        dependencies: [
            "TownSupport", "Server", "Simulators", "Attachments", "Audit", "Web", "Cases", "CompanyNames",
            "Cryptography",
            "CompanyOpening", "Credentials",
            "Exchange", "Identity", "Standards", "Storage", "Kernel", hummingbird, nio, logging,
        ],
        path: "Tests/FaceSupport",
        swiftSettings: settings
    ),
    suite(
        "Workbench",
        [
            "FaceSupport", "Workbench", "Web", "Changes", "Jobs", "Server", "Attachments", "Audit", "Cases",
            "Charges", "CaseArchive",
            "CompanyOpening",
            "Correspondence",
            "CompanyNames", "Credentials", "Cryptography", "Exchange", "Identity", "Registers", "Standards",
            "Storage",
            "Kernel",
            "TestSupport", grdb,
        ],
        exclude: ["access.tsv"]
    ),
    suite(
        "API",
        [
            "FaceSupport", "API", "Web", "Server", "Audit", "Cases", "Changes", "CompanyOpening",
            "Cryptography",
            "Credentials",
            "Draws", "Identity", "Jobs", "Registers", "Storage",
            "Kernel", "TestSupport",
        ]
    ),
    suite(
        "Population",
        [
            "FaceSupport", "TestSupport", "TownSupport", "Population", "Server", "Audit", "Cases",
            "CompanyNames",
            "Credentials", "Jobs", "Registers", "Standards", "Storage", "StorageSQLite", "StoragePostgres",
            "Kernel", grdb,
        ]
    ),
    suite("Tidy", [], exclude: ["ratchet.tsv"]),
]

let package = Package(
    name: "Suban",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "suban", targets: ["suban"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: ground + engines + modules + faces + programs + tests
)
