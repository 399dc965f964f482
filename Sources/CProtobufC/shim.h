#ifndef SWITCHBOARD_CPROTOBUFC_SHIM_H
#define SWITCHBOARD_CPROTOBUFC_SHIM_H

#include <protobuf-c/protobuf-c.h>

// What the pre-scan must know of a message and protobuf-c's own descriptor does not tell: strings are compiled as bytes
// there, so text cannot be told from bytes. WireGen writes one constant table per message beside protoc-gen-c's output.

typedef enum {
    WIRE_KIND_VARINT = 0,
    WIRE_KIND_FIXED64 = 1,
    WIRE_KIND_BYTES = 2,
    WIRE_KIND_TEXT = 3,
    WIRE_KIND_MESSAGE = 4,
    WIRE_KIND_FIXED32 = 5,
} WireKind;

struct WireMessage;

typedef struct {
    uint32_t number;
    /// A WireKind.
    uint8_t kind;
    uint8_t repeated;
    /// 1 + the index of this singular message field among those of its message; 0 for every other field.
    uint16_t slot;
    /// As in the contract, lower_snake_case.
    const char *name;
    /// Of the field's type where kind is WIRE_KIND_MESSAGE.
    const struct WireMessage *message;
} WireField;

typedef struct WireMessage {
    /// With the package.
    const char *name;
    const ProtobufCMessageDescriptor *descriptor;
    /// In the order of their numbers.
    const WireField *fields;
    uint32_t field_count;
} WireMessage;

#endif
