// Document.swift — JSON as the program prints it, looked into by key.
import Foundation

struct Document {
    private let value: Any?

    init(_ value: Any?) { self.value = value }

    /// The whole text must be one document; anything before or behind it is an error.
    init(exactly text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    subscript(key: String) -> Document { Document((value as? [String: Any])?[key]) }
    subscript(index: Int) -> Document { list.indices.contains(index) ? list[index] : Document(nil) }

    var exists: Bool { value != nil && !(value is NSNull) }
    var text: String? { value as? String }
    var number: Int? { value as? Int }
    var flag: Bool? { value as? Bool }
    var list: [Document] { (value as? [Any] ?? []).map { Document($0) } }
    var keys: [String] { (value as? [String: Any] ?? [:]).keys.sorted() }
    var isList: Bool { value is [Any] }
    /// A decimal text as units of 1e-8; nil when it is none.
    var units: Int64? {
        guard let decimal = text.flatMap({ Decimal(string: $0) }) else { return nil }
        return NSDecimalNumber(decimal: decimal * 100_000_000).int64Value
    }
}
