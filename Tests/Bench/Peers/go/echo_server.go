// echo.proto on grpc-go, one processor. echo_server [PORT]
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"

	bench "echo"

	"google.golang.org/grpc"
)

type echo struct{}

func (echo) Echo(_ context.Context, note *bench.Note) (*bench.Note, error) { return note, nil }

func (echo) Download(request *bench.StreamRequest, stream bench.EchoService_DownloadServer) error {
	payload := make([]byte, request.PayloadBytes)
	for i := range payload {
		payload[i] = 'x'
	}
	for i := int32(0); i < request.Count; i++ {
		if err := stream.Send(&bench.Chunk{Payload: payload}); err != nil {
			return err
		}
	}
	return nil
}

func (echo) PingPong(stream bench.EchoService_PingPongServer) error {
	for {
		note, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(note); err != nil {
			return err
		}
	}
}

func main() {
	port := "0"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	bench.RegisterEchoServiceServer(server, echo{})
	fmt.Printf("listening on port %d\n", listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}
