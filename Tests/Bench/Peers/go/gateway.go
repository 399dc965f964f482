// GET /v1/conversations/{id} on net/http, grpc-go and encoding/json. gateway CONVERSATIONS JWKS [PORT]
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	reading "reading"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const prefix = "/v1/conversations/"

// Tokens that were verified, with the second at which they expire, as the gateway keeps them, too.
type tokens struct {
	keys     map[string]*ecdsa.PublicKey
	lock     sync.RWMutex
	verified map[string]int64
}

func (t *tokens) check(token string) error {
	now := time.Now().Unix()
	t.lock.RLock()
	expires, known := t.verified[token]
	t.lock.RUnlock()
	if !known {
		var err error
		if expires, err = t.verify(token); err != nil {
			return err
		}
		t.lock.Lock()
		t.verified[token] = expires
		t.lock.Unlock()
	}
	if expires <= now {
		return fmt.Errorf("the token has expired")
	}
	return nil
}

func (t *tokens) verify(token string) (int64, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return 0, fmt.Errorf("no token")
	}
	var header struct{ Alg, Kid string }
	var claims struct{ Exp int64 }
	if err := decode(parts[0], &header); err != nil {
		return 0, err
	}
	if err := decode(parts[1], &claims); err != nil {
		return 0, err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	key := t.keys[header.Kid]
	if err != nil || header.Alg != "ES256" || key == nil || len(signature) != 64 {
		return 0, fmt.Errorf("not signed by a known key")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, digest[:], r, s) {
		return 0, fmt.Errorf("the signature is wrong")
	}
	return claims.Exp, nil
}

func decode(part string, into interface{}) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func readKeys(path string) map[string]*ecdsa.PublicKey {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var set struct{ Keys []struct{ Kid, X, Y string } }
	if err := json.Unmarshal(data, &set); err != nil {
		panic(err)
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, key := range set.Keys {
		x, _ := base64.RawURLEncoding.DecodeString(key.X)
		y, _ := base64.RawURLEncoding.DecodeString(key.Y)
		keys[key.Kid] = &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	}
	return keys
}

func main() {
	connection, err := grpc.Dial(os.Args[1], grpc.WithInsecure())
	if err != nil {
		panic(err)
	}
	conversations := reading.NewConversationsServiceClient(connection)
	known := &tokens{keys: readKeys(os.Args[2]), verified: map[string]int64{}}

	http.HandleFunc(prefix, func(answer http.ResponseWriter, request *http.Request) {
		authorization := request.Header.Get("Authorization")
		if err := known.check(strings.TrimPrefix(authorization, "Bearer ")); err != nil {
			http.Error(answer, err.Error(), http.StatusUnauthorized)
			return
		}
		whole, cancel := context.WithTimeout(request.Context(), 10*time.Second)
		defer cancel()
		whole = metadata.AppendToOutgoingContext(whole, "authorization", authorization)
		id := strings.TrimPrefix(request.URL.Path, prefix)
		found, err := conversations.GetConversation(whole, &reading.GetConversationRequest{ConversationId: id})
		if err != nil {
			http.Error(answer, status.Convert(err).Message(), http.StatusBadGateway)
			return
		}
		body, err := json.Marshal(found.Conversation)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
			return
		}
		answer.Header().Set("Content-Type", "application/json")
		answer.Header().Set("ETag", found.Conversation.Etag)
		answer.Write(body)
	})

	port := "0"
	if len(os.Args) > 3 {
		port = os.Args[3]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on port %d\n", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
