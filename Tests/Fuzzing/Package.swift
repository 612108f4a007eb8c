// swift-tools-version: 6.2
import PackageDescription

/// Fuzzers for what reads files of strangers: built with libFuzzer by Scripts/fuzz, apart from the platform, whose
/// sources they share by links.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func library(_ name: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: package)
}

func house(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: settings)
}

func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(name)",
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
    )
}

let package = Package(
    name: "Fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        library("COpenSSL", "openssl"), library("CZip", "libzip"), library("CZlib", "zlib"),
        library("CPangoCairo", "pangocairo"),
        library("CQREncode", "libqrencode"), library("CXML", "libxml-2.0"),
        house("Kernel", []),
        house("Cryptography", ["Kernel", "COpenSSL"]),
        house(
            "ElectronicSeals",
            ["Kernel", "Cryptography", .product(name: "SwiftASN1", package: "swift-asn1")]
        ),
        house(
            "Documents",
            [
                "Kernel", "Cryptography", "ElectronicSeals", "CZip", "CZlib", "CXML", "CPangoCairo",
                "CQREncode",
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        fuzzer("FuzzSeal", ["ElectronicSeals"]),
        fuzzer("FuzzEnvelope", ["ElectronicSeals", "Cryptography"]),
        fuzzer("FuzzPackage", ["Documents", "ElectronicSeals"]),
        fuzzer("FuzzPDF", ["Documents", "Cryptography", "Kernel"]),
        fuzzer("FuzzXML", ["Documents", "ElectronicSeals"]),
    ]
)
