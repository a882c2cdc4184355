// A descriptor set as protoc writes it for
//   syntax = "proto3"; package shop;
//   enum State { OPEN = 0; PAID = 1; }
//   message Order { int64 id = 1; State state = 2; repeated Line lines = 3; map<string, double> tax = 4; bytes key = 5; }
//   message Line { string name = 1; uint32 count = 2; }
//   service Orders { rpc Get(Line) returns (Order); }

import type { MessageInitShape } from '@bufbuild/protobuf'
import { create, createFileRegistry, fromJson, type JsonObject, toBinary } from '@bufbuild/protobuf'
import {
  type FieldDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'

type Field = MessageInitShape<typeof FieldDescriptorProtoSchema>
const field = (name: string, number: number, type: Type, more: Field = {}): Field => ({
  ...{ name, number, type, label: Label.OPTIONAL, jsonName: name },
  ...more,
})

const set = create(FileDescriptorSetSchema, {
  file: [
    {
      name: 'shop.proto',
      package: 'shop',
      syntax: 'proto3',
      enumType: [
        {
          name: 'State',
          value: [
            { name: 'OPEN', number: 0 },
            { name: 'PAID', number: 1 },
          ],
        },
      ],
      messageType: [
        {
          name: 'Order',
          field: [
            field('id', 1, Type.INT64),
            field('state', 2, Type.ENUM, { typeName: '.shop.State' }),
            field('lines', 3, Type.MESSAGE, { label: Label.REPEATED, typeName: '.shop.Line' }),
            field('tax', 4, Type.MESSAGE, { label: Label.REPEATED, typeName: '.shop.Order.TaxEntry' }),
            field('key', 5, Type.BYTES),
          ],
          nestedType: [
            {
              name: 'TaxEntry',
              options: { mapEntry: true },
              field: [field('key', 1, Type.STRING), field('value', 2, Type.DOUBLE)],
            },
          ],
        },
        { name: 'Line', field: [field('name', 1, Type.STRING), field('count', 2, Type.UINT32)] },
      ],
      service: [{ name: 'Orders', method: [{ name: 'Get', inputType: '.shop.Line', outputType: '.shop.Order' }] }],
    },
  ],
})

export const descriptorSet: Uint8Array = toBinary(FileDescriptorSetSchema, set)

/** Messages, given as protobuf's own JSON. */
export const orderBytes = (order: JsonObject) => bytesOf('shop.Order', order)
export const lineBytes = (line: JsonObject) => bytesOf('shop.Line', line)

function bytesOf(typeName: string, value: JsonObject): Buffer {
  const type = createFileRegistry(set).getMessage(typeName)
  if (type === undefined) throw new Error(`no ${typeName}`)
  return Buffer.from(toBinary(type, fromJson(type, value)))
}

export function grpcFrame(message: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flags)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
