"""A client made from reflection alone: no generated code, no proto files.

Reads from standard input {"endpoint", "api_key", "customer_id", "foreign_customer_id"} and writes what it saw as JSON.
"""

import json
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


def main() -> None:
    asked = json.load(sys.stdin)
    channel = grpc.insecure_channel(asked["endpoint"].removeprefix("http://"))
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)

    method = pool.FindServiceByName("harken.scoring.v1.Scoring").methods_by_name["GetScore"]
    request_class = GetMessageClass(method.input_type)
    response_class = GetMessageClass(method.output_type)
    get_score = channel.unary_unary(
        "/harken.scoring.v1.Scoring/GetScore",
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )

    def call(customer_id: str, *metadata: tuple[str, str]) -> dict:
        try:
            score = get_score(request_class(customer_id=customer_id), metadata=metadata, timeout=10)
            return {"code": "OK", "score": MessageToDict(score, preserving_proto_field_name=True)}
        except grpc.RpcError as error:
            return {"code": error.code().name, "message": error.details()}

    key = ("authorization", f"Bearer {asked['api_key']}")
    json.dump(
        {
            "services": sorted(database.get_services()),
            "with_key": call(asked["customer_id"], key),
            "without_key": call(asked["customer_id"]),
            "with_wrong_key": call(asked["customer_id"], ("authorization", "Bearer hk_wrong")),
            "foreign_customer": call(asked["foreign_customer_id"], key),
            "malformed_customer": call("customer 7", key),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
